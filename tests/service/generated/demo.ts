// The demo, through a client that is generated from the API's description: submit a night, wait for it, read its routes.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

type Plan = components["schemas"]["PlanView"];
const FINAL: readonly Plan["status"][] = ["succeeded", "failed", "cancelled", "invalid"];

const [, , baseUrl, key] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function told<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

let plan: Plan = told(
  await client.POST("/v1/rebalancing-plans", {
    params: { header: { "idempotency-key": "demo-of-typescript" } },
    body: { city: "paris-8e", limits: { seconds: 2, seed: 1 } },
  }),
);
const path = { plan_id: plan.id };
while (!FINAL.includes(plan.status)) {
  await new Promise((resolve) => setTimeout(resolve, 250));
  plan = told(await client.GET("/v1/rebalancing-plans/{plan_id}", { params: { path } }));
}
const routes = told(await client.GET("/v1/rebalancing-plans/{plan_id}/routes", { params: { path } }));

const refused = await client.POST("/v1/rebalancing-plans", { body: { city: "nowhere" } });
const codes = refused.error?.errors?.map((finding) => finding.code);

console.log(JSON.stringify({ id: plan.id, status: plan.status, routes, codes }));
