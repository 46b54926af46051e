/** Marks on statements in the warehouse's own history: whoever looks there finds the sync and the run each belongs to. */
import type { Labels } from "../warehouse/warehouse.ts";
import type { Workspace } from "./workspace.ts";

type Place = Pick<Workspace, "warehouse" | "ferry" | "session">;

/** The same workspace with more marks on all that is asked through it: `sync`, for what one sync alone needs. */
export function marked<Opened extends Place>(opened: Opened, labels: Labels): Opened {
  const ferry = opened.ferry.labelled(labels);
  const { warehouse } = ferry;
  return { ...opened, warehouse, ferry, session: { ...opened.session, warehouse, ferry } };
}
