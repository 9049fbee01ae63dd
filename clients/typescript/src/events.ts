// Made by `python3 manage.py generate_contracts`; what you change here is gone with its next run.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The plan is not made, as was asked for. */
        PlanCancelledData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
        };
        /** @description There is no plan; `code` and `detail` say why. */
        PlanFailedData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
            /** @description why there is no plan: docs/errors.md */
            code: string;
            /** @description the reason in words */
            detail: string;
        };
        /** @description A plan is being made: its stage, and how far it is. */
        PlanProgressData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
            /** @description what is being done; for people, not for programs */
            stage: string;
            /** @description of the job; never goes back */
            percent: number;
        };
        /** @description A plan was asked for. */
        PlanQueuedData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
            /**
             * @description what it plans
             * @enum {string}
             */
            kind: "meal" | "workout" | "both";
        };
        /** @description The plan is stored and can be read. */
        PlanReadyData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
            /**
             * @description what it plans
             * @enum {string}
             */
            kind: "meal" | "workout" | "both";
            /** @description whose plans or logs to read again */
            dates: string[];
            /**
             * @description who made the plan
             * @enum {string}
             */
            source: "ai" | "ai_repaired" | "planner" | "user";
        };
        /** @description A person or staff changed a plan by hand; `kind` is meal or workout. */
        PlanUpdatedData: {
            /**
             * @description what it plans
             * @enum {string}
             */
            kind: "meal" | "workout" | "both";
            /** @description whose plans or logs to read again */
            dates: string[];
        };
        /** @description A person changed their profile, and with it perhaps their targets. */
        ProfileUpdatedData: {
            /** @description which fields of it */
            fields: string[];
        };
        /** @description A day's log was deleted. */
        ProgressDeletedData: {
            /**
             * Format: date
             * @description whose log to read again
             */
            date: string;
        };
        /** @description A day's log was stored. */
        ProgressLoggedData: {
            /**
             * Format: date
             * @description whose log to read again
             */
            date: string;
        };
        /** @description Performed sets were stored. */
        SetsLoggedData: {
            /** @description whose plans or logs to read again */
            dates: string[];
        };
        /** @description A session has ended; its socket closes. */
        SessionRevokedData: {
            /**
             * Format: uuid
             * @description the session that began or ended
             */
            session_id: string;
        };
        /** @description A person signed in on another device. */
        SessionStartedData: {
            /**
             * Format: uuid
             * @description the session that began or ended
             */
            session_id: string;
        };
        /** @description What was asked for is too old to be kept, up to this `seq`. */
        ResyncData: Record<string, never>;
        /** @description The first frame; `seq` is that of the newest event, and `after` may be anything up to it. */
        Hello: {
            /** @constant */
            type: "hello";
            seq: number;
            /** @constant */
            contract: "1";
        };
        PlanCancelled: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.cancelled";
            data: components["schemas"]["PlanCancelledData"];
        };
        PlanFailed: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.failed";
            data: components["schemas"]["PlanFailedData"];
        };
        PlanProgress: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.progress";
            data: components["schemas"]["PlanProgressData"];
        };
        PlanQueued: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.queued";
            data: components["schemas"]["PlanQueuedData"];
        };
        PlanReady: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.ready";
            data: components["schemas"]["PlanReadyData"];
        };
        PlanUpdated: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.updated";
            data: components["schemas"]["PlanUpdatedData"];
        };
        ProfileUpdated: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "profile.updated";
            data: components["schemas"]["ProfileUpdatedData"];
        };
        ProgressDeleted: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.deleted";
            data: components["schemas"]["ProgressDeletedData"];
        };
        ProgressLogged: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.logged";
            data: components["schemas"]["ProgressLoggedData"];
        };
        SetsLogged: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.logged";
            data: components["schemas"]["SetsLoggedData"];
        };
        SessionRevoked: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "session.revoked";
            data: components["schemas"]["SessionRevokedData"];
        };
        SessionStarted: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "session.started";
            data: components["schemas"]["SessionStartedData"];
        };
        Resync: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "resync";
            data: components["schemas"]["ResyncData"];
        };
        /** @description The answer to a ping. */
        Pong: {
            /** @constant */
            type: "pong";
        };
        /** @description The one thing that a client may send. */
        Ping: {
            /** @constant */
            type: "ping";
        };
        ServerMessage: components["schemas"]["Hello"] | components["schemas"]["PlanCancelled"] | components["schemas"]["PlanFailed"] | components["schemas"]["PlanProgress"] | components["schemas"]["PlanQueued"] | components["schemas"]["PlanReady"] | components["schemas"]["PlanUpdated"] | components["schemas"]["ProfileUpdated"] | components["schemas"]["ProgressDeleted"] | components["schemas"]["ProgressLogged"] | components["schemas"]["SetsLogged"] | components["schemas"]["SessionRevoked"] | components["schemas"]["SessionStarted"] | components["schemas"]["Resync"] | components["schemas"]["Pong"];
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type PlanCancelledData = components['schemas']['PlanCancelledData'];
export type PlanFailedData = components['schemas']['PlanFailedData'];
export type PlanProgressData = components['schemas']['PlanProgressData'];
export type PlanQueuedData = components['schemas']['PlanQueuedData'];
export type PlanReadyData = components['schemas']['PlanReadyData'];
export type PlanUpdatedData = components['schemas']['PlanUpdatedData'];
export type ProfileUpdatedData = components['schemas']['ProfileUpdatedData'];
export type ProgressDeletedData = components['schemas']['ProgressDeletedData'];
export type ProgressLoggedData = components['schemas']['ProgressLoggedData'];
export type SetsLoggedData = components['schemas']['SetsLoggedData'];
export type SessionRevokedData = components['schemas']['SessionRevokedData'];
export type SessionStartedData = components['schemas']['SessionStartedData'];
export type ResyncData = components['schemas']['ResyncData'];
export type Hello = components['schemas']['Hello'];
export type PlanCancelled = components['schemas']['PlanCancelled'];
export type PlanFailed = components['schemas']['PlanFailed'];
export type PlanProgress = components['schemas']['PlanProgress'];
export type PlanQueued = components['schemas']['PlanQueued'];
export type PlanReady = components['schemas']['PlanReady'];
export type PlanUpdated = components['schemas']['PlanUpdated'];
export type ProfileUpdated = components['schemas']['ProfileUpdated'];
export type ProgressDeleted = components['schemas']['ProgressDeleted'];
export type ProgressLogged = components['schemas']['ProgressLogged'];
export type SetsLogged = components['schemas']['SetsLogged'];
export type SessionRevoked = components['schemas']['SessionRevoked'];
export type SessionStarted = components['schemas']['SessionStarted'];
export type Resync = components['schemas']['Resync'];
export type Pong = components['schemas']['Pong'];
export type Ping = components['schemas']['Ping'];
export type ServerMessage = components['schemas']['ServerMessage'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
