"""Public benchmarks, solved by the engines that plan nights, and judged before anybody sees an answer."""
