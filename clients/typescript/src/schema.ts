// Made by `python3 manage.py generate_contracts`; what you change here is gone with its next run.

export interface paths {
    "/api/v1/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an account and sign in
         * @description Email, password and name are needed; every field of the profile may come along.
         *
         *     Nothing counts as consent but `ai_consent: true` and `health_consent: true`. A letter asks to confirm the address.
         */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description Answers the same, and as slowly, for a wrong password and an unknown email.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/token/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Trade a refresh token for a new pair
         * @description Each refresh token works once. Using one again ends its session (`token_reused`).
         */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End this session
         * @description The session's access token stops working with the next request.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the profile
         * @description `?units=imperial` adds rounded twins under `display`; stored values stay metric.
         */
        get: operations["getProfile"];
        /**
         * Set the whole profile
         * @description Fields that are not sent go back to their defaults; the name and the consents stay when they are not sent.
         */
        put: operations["putProfile"];
        post?: never;
        /**
         * Erase the account for good
         * @description Erase every row, cached answer and document of the person, now. It cannot be undone. 401 `wrong_password`.
         */
        delete: operations["eraseProfile"];
        options?: never;
        head?: never;
        /**
         * Change some fields of the profile
         * @description Only the fields that are sent change. `If-Match` with the profile's ETag guards against a lost update.
         */
        patch: operations["patchProfile"];
        trace?: never;
    };
    "/api/v1/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What I may consent to, and what I said
         * @description The texts and their versions. `ai_consent` and `health_consent` in the profile say yes or no.
         *
         *     Without a yes to `ai` no model is asked. A yes to `health` is the explicit consent of GDPR article 9.
         */
        get: operations["listConsents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/targets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Daily energy and nutrient targets, explained
         * @description BMI, resting and total expenditure, kcal and macros, with the formula and the safety floor that applied.
         */
        get: operations["getTargets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/today": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A day in one call
         * @description Targets, meals, session and the day's log; parts that do not exist are null.
         */
        get: operations["getToday"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ws-ticket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A one-use ticket for the WebSocket
         * @description Open `/ws/events?ticket=…` with it within 30 seconds.
         */
        post: operations["openTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events after a number
         * @description The same feed as the WebSocket's, for clients that poll; `resync` stands for what is too old to be kept.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where I am signed in
         * @description List the live sessions, the last used first; `current` is the one that asks.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign one device out
         * @description End a session: its next request, its refresh token and its socket are refused. 404 `no_session`.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out everywhere
         * @description End every session, the one that asks included.
         */
        post: operations["logoutAll"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/email/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the letter that confirms an address
         * @description Answer the same whether or not the address has an account; a letter goes only to one that is not confirmed.
         */
        post: operations["requestEmailVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/email/verify/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an address with a letter's token
         * @description Confirm the account's address, or the one that it is to change to. The token works once.
         *
         *     422 `token_invalid`; 409 `email_taken` when the new address got an account in between.
         */
        post: operations["confirmEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/email/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the address of the account
         * @description Send a letter to the new address; once it is confirmed there, the account has it, and the old one is told.
         *
         *     Answers the same when the new address has an account already. 401 `wrong_password`.
         */
        post: operations["requestEmailChange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the letter that lets one choose a new password
         * @description Answer the same, and as fast, whether or not the address has an account.
         */
        post: operations["requestPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password/reset/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a new password with a letter's token
         * @description Set the password and end every session. The token works once, within an hour. 422 `token_invalid`.
         */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/password/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the password
         * @description Set the password and end every other session. 401 `wrong_password` when `current_password` is another one.
         */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a copy of everything
         * @description Accept the job, or name the one that is under way. Follow it at its `Location`.
         */
        post: operations["requestExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/export/{export_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far an export is
         * @description Show an export; `links.file` is there once it has succeeded. It goes after a week, or with the next one.
         */
        get: operations["getExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profile/export/{export_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The copy of everything
         * @description Send the ZIP: each table as JSON and as CSV. 409 `export_not_ready` while it is being made.
         */
        get: operations["downloadExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One day's meals
         * @description Today's meals in the person's time zone unless a date is given; 404 `no_plan` when none were planned.
         */
        get: operations["getMealPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The meals of a range
         * @description At most 62 days; dates without a plan are left out.
         */
        get: operations["listMealPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plan/swap": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another dish in the place of one
         * @description The day stays on target and the other dishes stay as they are; 409 `conflict` when nothing else fits.
         */
        post: operations["swapDish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plan/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lock or unlock a dish
         * @description A locked dish survives every regeneration of its day.
         */
        post: operations["lockDish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plans/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Earlier versions of a day
         * @description Every version that was served, newest first.
         */
        get: operations["listMealPlanVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/meal-plans/versions/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring an earlier version back
         * @description It becomes the newest version; 409 `not_safe` when the person must not eat it any more.
         */
        post: operations["restoreMealPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/shopping-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What to buy for a range
         * @description Grams of each food by aisle; the totals equal the plans' ingredients exactly.
         */
        get: operations["getShoppingList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/foods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The foods that are planned with
         * @description Figures per 100 g with their source id (USDA FoodData Central).
         */
        get: operations["listFoods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recipes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The recipes
         * @description Ingredients, steps and nutrition of one serving; allergens and diets derived from the ingredients.
         */
        get: operations["listRecipes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workout-plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One day's session
         * @description Today's session in the person's time zone unless a date is given; 404 `no_plan` when none was planned.
         */
        get: operations["getWorkoutPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workout-plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The sessions of a range
         * @description At most 62 days; dates without a plan are left out.
         */
        get: operations["listWorkoutPlans"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workout-plan/swap": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another exercise in the place of one
         * @description Same muscles, same place, same sets; 409 `conflict` when nothing else fits.
         */
        post: operations["swapExercise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workout-plan/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lock or unlock an exercise
         * @description A locked exercise survives every regeneration of its day.
         */
        post: operations["lockExercise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/progress/sets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record performed sets
         * @description All or none are stored; the next plan progresses from them.
         */
        post: operations["recordSets"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exercises": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The exercises
         * @description With `equipment`, only those that need nothing else.
         */
        get: operations["listExercises"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/progress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of a range
         * @description At most 62 days, oldest first.
         */
        get: operations["listProgress"];
        put?: never;
        /**
         * Log a day
         * @description 201 for a new date, 200 when the date was logged before; fields that are not sent keep their value.
         */
        post: operations["logProgress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/progress/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where I stand
         * @description Trend weight, weekly rate and adaptive expenditure with its band, from the logs of the last 12 weeks.
         */
        get: operations["getProgressSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/progress/{date}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a day's log
         * @description 404 `no_log` when nothing is logged for the date.
         */
        delete: operations["deleteProgress"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/generate-plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a plan
         * @description Answers 202 with a job; follow it over the WebSocket, or at its `Location`.
         *
         *     Workers make the plan; with no model configured, or when it does not help, the planner makes it.
         *     409 `already_running` names an unfinished job for some of the same days.
         */
        post: operations["generatePlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My jobs, newest first
         * @description A page of jobs; `next_cursor` asks for the next.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One job
         * @description Its state, how far it is, and links to the plans once it has succeeded.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Cancel a job
         * @description 200 when it is cancelled, 202 when its worker has been asked to stop, 409 when it has ended already.
         */
        delete: operations["cancelJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{job_id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How a plan came about
         * @description The brief that a model was or would have been given, what it chose, what was repaired and why, every figure.
         *
         *     404 `no_explanation` until the plan is ready. A model's `reason` is to be shown as plain text.
         */
        get: operations["getJobExplanation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description When there is time to train; no days means that we choose them. */
        Availability: {
            /** @default [] */
            days?: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
            /** @default 45 */
            minutes_per_session?: number;
        };
        /** @description Rounded twins for display; what is stored stays metric. */
        Imperial: {
            height_in: number | null;
            weight_lb: number | null;
        };
        Registered: {
            access: string;
            refresh: string;
            token_type: string;
            expires_in: number;
            user: components["schemas"]["User"];
        };
        /** @description A person as they see themselves. */
        User: {
            id: number;
            email: string;
            name: string;
            age: number | null;
            /** @enum {string} */
            sex: "female" | "male" | "unspecified";
            height: number | null;
            weight: number | null;
            body_fat: number | null;
            /** @enum {string} */
            fitness_goal: "lose_weight" | "maintain" | "gain_muscle" | "improve_endurance" | "general_health";
            goal_rate: number | null;
            /** @enum {string} */
            activity_level: "sedentary" | "light" | "moderate" | "active" | "very_active";
            /** @enum {string} */
            training_level: "beginner" | "intermediate" | "advanced";
            dietary_preferences: string[];
            allergies: string[];
            disliked_foods: string[];
            equipment: string[];
            injuries: string[];
            conditions: string[];
            availability: components["schemas"]["Availability"];
            meals_per_day: number;
            max_prep_minutes: {
                [key: string]: number;
            };
            budget: number | null;
            leftovers: boolean;
            timezone: string;
            /** @enum {string} */
            units: "metric" | "imperial";
            is_email_verified: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @default false */
            ai_consent?: boolean;
            /** @default false */
            health_consent?: boolean;
            display?: components["schemas"]["Imperial"] | null;
        };
        /** @description A new person: email, password and name, and as much of the profile as is known already. */
        Register: {
            name: string;
            age?: number | null;
            /**
             * @default unspecified
             * @enum {string}
             */
            sex?: "female" | "male" | "unspecified";
            height?: number | null;
            weight?: number | null;
            body_fat?: number | null;
            /**
             * @default general_health
             * @enum {string}
             */
            fitness_goal?: "lose_weight" | "maintain" | "gain_muscle" | "improve_endurance" | "general_health";
            goal_rate?: number | null;
            /**
             * @default light
             * @enum {string}
             */
            activity_level?: "sedentary" | "light" | "moderate" | "active" | "very_active";
            /**
             * @default beginner
             * @enum {string}
             */
            training_level?: "beginner" | "intermediate" | "advanced";
            /** @default [] */
            dietary_preferences?: string[] | string;
            /** @default [] */
            allergies?: string[] | string;
            /** @default [] */
            disliked_foods?: string[] | string;
            /** @default [] */
            equipment?: ("dumbbell" | "barbell" | "kettlebell" | "machine" | "cable" | "band" | "bench" | "pull_up_bar" | "cardio_machine")[];
            /** @default [] */
            injuries?: ("knee" | "shoulder" | "lower_back" | "wrist" | "elbow" | "ankle" | "hip" | "neck")[];
            /** @default [] */
            conditions?: ("pregnant" | "breastfeeding" | "eating_disorder" | "heart_disease" | "hypertension" | "diabetes" | "kidney_disease")[];
            /**
             * @default {
             *       "days": [],
             *       "minutes_per_session": 45
             *     }
             */
            availability?: components["schemas"]["Availability"];
            /** @default 4 */
            meals_per_day?: number;
            /** @default {} */
            max_prep_minutes?: {
                [key: string]: number;
            };
            budget?: number | null;
            /** @default false */
            leftovers?: boolean;
            /** @default UTC */
            timezone?: string;
            /**
             * @default metric
             * @enum {string}
             */
            units?: "metric" | "imperial";
            /** @description true says yes to today's text of `GET /consents`, false takes it back; null leaves it */
            ai_consent?: boolean | null;
            /** @description the same for `health` */
            health_consent?: boolean | null;
            /** Format: email */
            email: string;
            password: string;
        };
        /** @description `expires_in` is the access token's life in seconds. */
        Tokens: {
            access: string;
            refresh: string;
            token_type: string;
            expires_in: number;
        };
        Login: {
            /** Format: email */
            email: string;
            password: string;
        };
        Refresh: {
            refresh: string;
        };
        /** @description The part of a person that plans are made from. `PUT` sets all of it, `PATCH` what is named. */
        Profile: {
            name?: string | null;
            age?: number | null;
            /**
             * @default unspecified
             * @enum {string}
             */
            sex?: "female" | "male" | "unspecified";
            height?: number | null;
            weight?: number | null;
            body_fat?: number | null;
            /**
             * @default general_health
             * @enum {string}
             */
            fitness_goal?: "lose_weight" | "maintain" | "gain_muscle" | "improve_endurance" | "general_health";
            goal_rate?: number | null;
            /**
             * @default light
             * @enum {string}
             */
            activity_level?: "sedentary" | "light" | "moderate" | "active" | "very_active";
            /**
             * @default beginner
             * @enum {string}
             */
            training_level?: "beginner" | "intermediate" | "advanced";
            /** @default [] */
            dietary_preferences?: string[] | string;
            /** @default [] */
            allergies?: string[] | string;
            /** @default [] */
            disliked_foods?: string[] | string;
            /** @default [] */
            equipment?: ("dumbbell" | "barbell" | "kettlebell" | "machine" | "cable" | "band" | "bench" | "pull_up_bar" | "cardio_machine")[];
            /** @default [] */
            injuries?: ("knee" | "shoulder" | "lower_back" | "wrist" | "elbow" | "ankle" | "hip" | "neck")[];
            /** @default [] */
            conditions?: ("pregnant" | "breastfeeding" | "eating_disorder" | "heart_disease" | "hypertension" | "diabetes" | "kidney_disease")[];
            /**
             * @default {
             *       "days": [],
             *       "minutes_per_session": 45
             *     }
             */
            availability?: components["schemas"]["Availability"];
            /** @default 4 */
            meals_per_day?: number;
            /** @default {} */
            max_prep_minutes?: {
                [key: string]: number;
            };
            budget?: number | null;
            /** @default false */
            leftovers?: boolean;
            /** @default UTC */
            timezone?: string;
            /**
             * @default metric
             * @enum {string}
             */
            units?: "metric" | "imperial";
            /** @description true says yes to today's text of `GET /consents`, false takes it back; null leaves it */
            ai_consent?: boolean | null;
            /** @description the same for `health` */
            health_consent?: boolean | null;
        };
        /** @description The password, as proof of who asks. */
        Farewell: {
            password: string;
        };
        /** @description A text of today's `version`; `given` while the person's yes to this very version stands. */
        Consent: {
            kind: string;
            version: string;
            text: string;
            given: boolean;
            history: components["schemas"]["ConsentRecord"][];
        };
        /** @description One yes: to which version of the text, and from when to when it stood. */
        ConsentRecord: {
            version: string;
            /** Format: date-time */
            given_at: string;
            withdrawn_at: string | null;
        };
        /** @description What a person may say yes to, and all that they said, newest first. */
        Consents: {
            items: components["schemas"]["Consent"][];
        };
        /** @description The safety floor that energy was raised to, and why there is one. */
        TargetFloor: {
            kcal: number;
            reason: string;
        };
        /** @description Every value that entered the figures: of the profile, and those that follow from it. */
        TargetInputs: {
            age: number;
            /** @enum {string} */
            sex: "female" | "male" | "unspecified";
            height: number;
            weight: number;
            /** @enum {string} */
            fitness_goal: "lose_weight" | "maintain" | "gain_muscle" | "improve_endurance" | "general_health";
            /** @enum {string} */
            activity_level: "sedentary" | "light" | "moderate" | "active" | "very_active";
            conditions: ("pregnant" | "breastfeeding" | "eating_disorder" | "heart_disease" | "hypertension" | "diabetes" | "kidney_disease")[];
            diets: string[];
            body_fat: number | null;
            goal_rate: number | null;
            /** @enum {string} */
            training_level: "beginner" | "intermediate" | "advanced";
            sex_constant: number;
            sex_constant_note: string | null;
            /** @description physical activity level: expenditure over resting rate */
            pal: number;
            /** @description kg that protein is counted for */
            reference_weight: number;
            /** @description the diet that limits carbohydrate */
            carbohydrate: string | null;
            floor_kcal: number;
            /** @description % of body weight, as planned */
            change_percent_per_week: number;
        };
        /** @description How a figure was reached, and who says so. */
        TargetStep: {
            figure: string;
            value: number;
            unit: string;
            how: string;
            source: string;
        };
        /** @description A day's needs and how each figure was reached; kcal, g, and mg of sodium. */
        Targets: {
            kcal: number;
            protein: number;
            carbs: number;
            fat: number;
            fibre: number;
            sodium: number;
            sat_fat: number;
            bmi: number;
            rmr: number;
            tdee: number;
            formula: string;
            inputs: components["schemas"]["TargetInputs"];
            floor: components["schemas"]["TargetFloor"] | null;
            notices: string[];
            explanation: components["schemas"]["TargetStep"][];
        };
        /** @description Everything that a day's first screen shows. */
        Today: {
            /** Format: date */
            date: string;
            targets: components["schemas"]["Targets"] | null;
            meal_plan: components["schemas"]["MealPlan"] | null;
            workout_plan: components["schemas"]["WorkoutPlan"] | null;
            progress: components["schemas"]["ProgressLog"] | null;
        };
        Ticket: {
            ticket: string;
            expires_in: number;
        };
        /** @description One entry of the feed; `seq` grows by one for each event of a person. */
        Event: components["schemas"]["PlanCancelled"] | components["schemas"]["PlanFailed"] | components["schemas"]["PlanProgress"] | components["schemas"]["PlanQueued"] | components["schemas"]["PlanReady"] | components["schemas"]["PlanUpdated"] | components["schemas"]["ProfileUpdated"] | components["schemas"]["ProgressDeleted"] | components["schemas"]["ProgressLogged"] | components["schemas"]["SetsLogged"] | components["schemas"]["SessionRevoked"] | components["schemas"]["SessionStarted"] | components["schemas"]["Resync"];
        /** @description A page of the feed; ask again with `after` = the last `seq` until it is empty. */
        Events: {
            items: components["schemas"]["Event"][];
            seq: number;
        };
        /** @description A device that is signed in. `last_seen` is when it last got tokens, which is every ten minutes of use. */
        Session: {
            id: string;
            device: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_seen: string;
            current: boolean;
        };
        /** @description Where the person is signed in, the last used first. */
        Sessions: {
            items: components["schemas"]["Session"][];
        };
        Address: {
            /** Format: email */
            email: string;
        };
        Confirmation: {
            /** @description from the link in the letter */
            token: string;
        };
        /** @description The new address, and the password as proof of who asks. */
        EmailChange: {
            /** Format: email */
            email: string;
            password: string;
        };
        NewPasswordByLetter: {
            /** @description from the link in the letter */
            token: string;
            password: string;
        };
        PasswordChange: {
            current_password: string;
            password: string;
        };
        /** @description A copy of everything that is stored about the person: when it is there, `links.file` is the ZIP. */
        Export: {
            id: string;
            /** @enum {string} */
            status: "queued" | "succeeded" | "failed";
            /** Format: date-time */
            created_at: string;
            finished_at: string | null;
            /** Format: date-time */
            expires_at: string;
            links: {
                [key: string]: string;
            };
        };
        /** @description A figure beside its target, and how far it is off, in %. */
        Aim: {
            target: number;
            actual: number;
            delta_pct: number;
        };
        /** @description What was kept out, and what of it was found all the same: nothing, in a plan that passed. */
        AllergenCheck: {
            excluded: string[];
            found: string[];
        };
        /** @description A figure beside its goal; null where a food's figure is not known. */
        AtLeast: {
            at_least: number;
            actual: number | null;
            met: boolean | null;
        };
        /** @description A figure beside its limit; null where a food's figure is not known. */
        AtMost: {
            at_most: number;
            actual: number | null;
            met: boolean | null;
        };
        /** @description What no day may go beyond, and whether this one keeps below it. */
        CeilingCheck: {
            ceiling: number;
            held: boolean;
            reason: string | null;
        };
        /** @description The conditions that were taken care of, and what is unsafe with them: nothing, in a plan that passed. */
        ConditionCheck: {
            kept: string[];
            found: string[];
        };
        /** @description What is off by a little, without being unsafe. */
        Deviation: {
            code: string;
            detail: string;
        };
        /** @description The diets that were kept, and what broke them: nothing, in a plan that passed. */
        DietCheck: {
            kept: string[];
            found: string[];
        };
        /** @description A safety floor that the targets were raised to, and whether the day holds it. */
        FloorCheck: {
            floor: number;
            held: boolean;
            reason: string | null;
        };
        Ingredient: {
            food_id: string;
            name: string;
            grams: number;
            amount: string;
        };
        Meal: {
            /** @enum {string} */
            slot: "breakfast" | "lunch" | "dinner" | "snack";
            recipe_id: string;
            title: string;
            servings: number;
            locked: boolean;
            ingredients: components["schemas"]["Ingredient"][];
            steps: string[];
            prep_minutes: number;
            cook_minutes: number;
            allergens: string[];
            nutrition: components["schemas"]["Nutrition"];
        };
        /** @description What was checked of a day and how it came out, recomputed from the catalogue; `passed`: no hard fault. */
        MealCertificate: {
            kcal: components["schemas"]["Aim"];
            protein: components["schemas"]["Aim"];
            carbs: components["schemas"]["Aim"];
            fat: components["schemas"]["Aim"];
            fibre: components["schemas"]["AtLeast"];
            sodium: components["schemas"]["AtMost"];
            sat_fat: components["schemas"]["AtMost"];
            allergens: components["schemas"]["AllergenCheck"];
            diets: components["schemas"]["DietCheck"];
            /**
             * @default {
             *       "kept": [],
             *       "found": []
             *     }
             */
            conditions?: components["schemas"]["ConditionCheck"];
            /** @default {} */
            ceilings?: {
                [key: string]: components["schemas"]["CeilingCheck"];
            };
            floors: {
                [key: string]: components["schemas"]["FloorCheck"];
            };
            /** @description how much had to give way: 0 is nothing */
            rung: number;
            relaxations: components["schemas"]["Relaxation"][];
            deviations: components["schemas"]["Deviation"][];
            passed: boolean;
            /** @default [] */
            notices?: string[];
            /**
             * @description preferences that no rule of ours stands for
             * @default []
             */
            not_enforced?: string[];
        };
        /** @description One day's meals. */
        MealPlan: {
            id: number;
            /** Format: date */
            date: string;
            breakfast: string;
            lunch: string;
            dinner: string;
            snacks: string;
            meals: components["schemas"]["Meal"][];
            totals: components["schemas"]["Nutrition"];
            targets: components["schemas"]["MealTargets"];
            certificate: components["schemas"]["MealCertificate"];
            /** @enum {string} */
            source: "ai" | "ai_repaired" | "planner" | "user";
            fallback_reason: ("timeout" | "unavailable" | "invalid" | "budget" | "no_consent") | null;
            model: string | null;
            job_id: string | null;
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description A day's targets as the plan was made for them; kcal, g, and mg of sodium. */
        MealTargets: {
            kcal: number;
            protein: number;
            carbs: number;
            fat: number;
            fibre: number;
            sodium: number;
            sat_fat: number;
        };
        /** @description kcal; sodium in mg; all else in g. null: a figure is not known for every ingredient. */
        Nutrition: {
            kcal: number;
            protein: number;
            carbs: number;
            fat: number;
            fibre: number | null;
            sugar?: number | null;
            sat_fat?: number | null;
            sodium?: number | null;
        };
        /** @description What had to give way, and what that means. */
        Relaxation: {
            code: string;
            meaning: string;
        };
        /** @description A range of days, oldest first; days without a plan are left out. */
        MealPlans: {
            items: components["schemas"]["MealPlan"][];
            next_cursor?: string | null;
        };
        /** @description Which dish goes; without `recipe_id` the planner chooses what comes. */
        SwapDish: {
            /** Format: date */
            date: string;
            /** @enum {string} */
            slot: "breakfast" | "lunch" | "dinner" | "snack";
            item?: number | null;
            recipe_id?: string | null;
        };
        /** @description A locked dish survives every regeneration. */
        LockDish: {
            /** Format: date */
            date: string;
            /** @enum {string} */
            slot: "breakfast" | "lunch" | "dinner" | "snack";
            item?: number | null;
            /** @default true */
            locked?: boolean;
        };
        /** @description One version of a day's plan that was served, and in short what it held. */
        Version: {
            version: number;
            /** @enum {string} */
            source: "ai" | "ai_repaired" | "planner" | "user";
            titles: string[];
            /** Format: date-time */
            created_at: string;
        };
        Versions: {
            items: components["schemas"]["Version"][];
            next_cursor?: string | null;
        };
        Restore: {
            /** Format: date */
            date: string;
            version: number;
        };
        Aisle: {
            aisle: string;
            items: components["schemas"]["ShoppingItem"][];
        };
        ShoppingItem: {
            food_id: string;
            name: string;
            grams: number;
            amount: string;
            perishable: boolean;
        };
        /** @description Grams of each food by aisle; the totals equal the plans' ingredients exactly. */
        ShoppingList: {
            aisles: components["schemas"]["Aisle"][];
        };
        /** @description A food of the catalogue; figures per 100 g, null where unknown. */
        Food: {
            food_id: string;
            name: string;
            fdc_id: number | null;
            category: string;
            aisle: string;
            per_100g: components["schemas"]["Nutrition"];
            allergens: string[];
            diets: string[];
        };
        Foods: {
            items: components["schemas"]["Food"][];
            next_cursor: string | null;
        };
        /** @description A recipe; ingredients and nutrition are those of one serving. */
        Recipe: {
            recipe_id: string;
            title: string;
            slots: ("breakfast" | "lunch" | "dinner" | "snack")[];
            cuisine: string;
            ingredients: components["schemas"]["Ingredient"][];
            steps: string[];
            prep_minutes: number;
            cook_minutes: number;
            allergens: string[];
            diets: string[];
            nutrition: components["schemas"]["Nutrition"];
        };
        Recipes: {
            items: components["schemas"]["Recipe"][];
            next_cursor: string | null;
        };
        /** @description Minutes of the week, and what the WHO asks for with this goal. */
        CardioCheck: {
            minutes: number;
            goal: number;
        };
        /** @description What was declared, and what broke it: nothing, in a plan that passed. */
        DeclaredCheck: {
            declared: string[];
            found: string[];
        };
        /** @description The least and the most repetitions in reserve. */
        Effort: {
            rir: number[];
        };
        EquipmentCheck: {
            available: string[];
            found: string[];
        };
        /** @description One exercise as prescribed: sets of either `reps` or `duration_s`, with `rest_s` between them. */
        Exercise: {
            exercise_id: string;
            name: string;
            order: number;
            sets: number;
            reps: number | null;
            duration_s: number | null;
            rest_s: number;
            load: components["schemas"]["Load"];
            rir: number | null;
            muscles: string[];
            equipment: string[];
            locked: boolean;
            cues: string[];
        } & {
            [key: string]: unknown;
        };
        /** @description The ten things that ACSM asks an exercise prescription to say, in words. */
        Guideline: {
            frequency: string;
            intensity: string;
            time: string;
            type: string;
            volume: string;
            progression: string;
            warm_up_and_cool_down: string;
            special_considerations: string;
            clearance: string;
            contraindications: string;
        };
        /** @description `kind` says how to read `value`: kg, or null where the person finds the load (`start_light`, `bodyweight` …). */
        Load: {
            kind: string;
            value: number | null;
        };
        /** @description The most that a session may last, and how long each does. */
        MinutesCheck: {
            limit: number;
            by_date: {
                [key: string]: number;
            };
            found: string[];
        };
        /** @description A muscle's sets of the week, the band that they should be in, and the sessions that train it. */
        MuscleVolume: {
            sets: number;
            band: number[];
            sessions: number;
        };
        /** @description The hours that a muscle rests, and where it does not. */
        RecoveryCheck: {
            hours: number;
            found: string[];
        };
        /** @description What was checked of the seven days that a session belongs to, and how it came out; `passed`: no hard fault. */
        WorkoutCertificate: {
            volume: {
                [key: string]: components["schemas"]["MuscleVolume"];
            };
            injuries: components["schemas"]["DeclaredCheck"];
            equipment: components["schemas"]["EquipmentCheck"];
            conditions: components["schemas"]["DeclaredCheck"];
            recovery: components["schemas"]["RecoveryCheck"];
            minutes: components["schemas"]["MinutesCheck"];
            cardio: components["schemas"]["CardioCheck"];
            effort: components["schemas"]["Effort"];
            faults: components["schemas"]["WorkoutFault"][];
            passed: boolean;
            /** @description how much had to give way: full is nothing */
            rung: string;
            relaxations: string[];
            guideline: components["schemas"]["Guideline"];
            /** @description the first and the last */
            dates: string[];
            light_week: boolean;
            notices: string[];
            /** @description a guideline asks for a doctor's word before training */
            clearance: boolean;
        };
        /** @description A rule that is not kept; no plan with a hard one is ever served. */
        WorkoutFault: {
            code: string;
            date: string | null;
            detail: string;
            hard: boolean;
        };
        /** @description One date's session; a rest day has no exercises. */
        WorkoutPlan: {
            id: number;
            /** Format: date */
            date: string;
            title: string;
            rest_day: boolean;
            exercises: components["schemas"]["Exercise"][];
            estimated_minutes: number;
            certificate: components["schemas"]["WorkoutCertificate"];
            /** @enum {string} */
            source: "ai" | "ai_repaired" | "planner" | "user";
            fallback_reason: ("timeout" | "unavailable" | "invalid" | "budget" | "no_consent") | null;
            model: string | null;
            job_id: string | null;
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description A range of days, oldest first; days without a plan are left out. */
        WorkoutPlans: {
            items: components["schemas"]["WorkoutPlan"][];
            next_cursor?: string | null;
        };
        /** @description Which exercise goes, and why; `to` may name what comes. */
        SwapExercise: {
            /** Format: date */
            date: string;
            exercise_id: string;
            reason?: ("equipment" | "pain" | "dislike") | null;
            to?: string | null;
        };
        /** @description A locked exercise survives every regeneration. */
        LockExercise: {
            /** Format: date */
            date: string;
            exercise_id: string;
            /** @default true */
            locked?: boolean;
        };
        /** @description How many sets were stored, and the new estimate of the one-repetition maximum (kg) where there is one. */
        Recorded: {
            stored: number;
            e1rm: {
                [key: string]: number;
            };
        };
        /** @description One working set as it was done; `load` in kg, 0 for body weight; `rir` as it felt. */
        PerformedSet: {
            /** Format: date */
            date: string;
            exercise_id: string;
            /** @description repetitions, or seconds for a timed exercise */
            reps: number;
            /**
             * @description kg
             * @default 0
             */
            load?: number;
            rir?: number | null;
            /** @default false */
            pain?: boolean;
        };
        PerformedSets: {
            sets: components["schemas"]["PerformedSet"][];
        };
        CatalogueExercise: {
            exercise_id: string;
            name: string;
            pattern: string;
            primary: string[];
            secondary: string[];
            equipment: string[];
            level: string;
            contraindications: string[];
            cues: string[];
        };
        Exercises: {
            items: components["schemas"]["CatalogueExercise"][];
            next_cursor: string | null;
        };
        ProgressLog: {
            /** Format: date */
            date: string;
            weight: number | null;
            calories_consumed: number | null;
            workouts_completed: number;
            complete: boolean;
            note: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description One date's log; logging a date again changes the fields that are sent. */
        Log: {
            /** Format: date */
            date: string;
            weight?: number | null;
            calories_consumed?: number | null;
            /** @default 0 */
            workouts_completed?: number;
            /**
             * @description was everything that was eaten logged?
             * @default false
             */
            complete?: boolean;
            /** @default  */
            note?: string;
        };
        /** @description A range of logs, oldest first. */
        ProgressLogs: {
            items: components["schemas"]["ProgressLog"][];
            next_cursor?: string | null;
        };
        /** @description Where a person stands. `state` says how much the adaptive expenditure can be trusted yet. */
        Summary: {
            trend_weight: number | null;
            weekly_rate: number | null;
            weekly_rate_percent: number | null;
            state: string;
            tdee: number | null;
            tdee_low: number | null;
            tdee_high: number | null;
            intake: number | null;
            days_logged: number;
            streak: number;
            trend: components["schemas"]["TrendPoint"][];
        };
        TrendPoint: {
            /** Format: date */
            date: string;
            weight: number;
        };
        /** @description A request for a plan and how far it is. */
        Job: {
            id: string;
            /** @enum {string} */
            status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            stage: string;
            percent: number;
            /** @enum {string} */
            kind: "meal" | "workout" | "both";
            /** Format: date */
            start_date: string;
            days: number;
            source: string | null;
            fallback_reason: string | null;
            error: components["schemas"]["JobError"] | null;
            attempts: number;
            /** Format: date-time */
            created_at: string;
            started_at: string | null;
            finished_at: string | null;
            links: {
                [key: string]: string;
            };
        };
        /** @description Why a job has no plan; `conflict` and `relax` say what cannot hold together and what to give up. */
        JobError: {
            code: string;
            detail: string;
            /** @default [] */
            conflict?: string[];
            /** @default [] */
            relax?: string[];
        };
        /** @description What to plan. All fields are optional: the defaults are a week of both from today. */
        GeneratePlan: {
            /**
             * @default both
             * @enum {string}
             */
            kind?: "meal" | "workout" | "both";
            start_date?: string | null;
            /** @default 7 */
            days?: number;
            fitness_goal?: ("lose_weight" | "maintain" | "gain_muscle" | "improve_endurance" | "general_health") | null;
            dietary_preferences?: string[] | string | null;
            /** @description excluded for this plan, beside those of the profile */
            allergies?: string[] | string | null;
            equipment?: ("dumbbell" | "barbell" | "kettlebell" | "machine" | "cable" | "band" | "bench" | "pull_up_bar" | "cardio_machine")[] | null;
            availability?: components["schemas"]["Availability"] | null;
            notes?: string | null;
        };
        /** @description A page of jobs, newest first; ask again with `cursor` = `next_cursor` until that is null. */
        Jobs: {
            items: components["schemas"]["Job"][];
            next_cursor: string | null;
        };
        /** @description A provider that came into question; `sent` is false where it was passed over. */
        Asked: {
            provider: string;
            model: string;
            outcome: string;
            sent: boolean;
        };
        /** @description One date; `reason` is the model's own words, to be shown as plain text, where anything of its choice was kept. */
        ExplainedDay: {
            /** Format: date */
            date: string;
            reason: string | null;
            dishes: components["schemas"]["Pick"][];
            exercises: components["schemas"]["Pick"][];
            figures: components["schemas"]["Figure"][];
        };
        /** @description What the coach saw and did. */
        Explanation: {
            brief: components["schemas"]["Told"];
            asked: components["schemas"]["Asked"][];
            source: string;
            fallback_reason: string | null;
            kept_ratio: number | null;
            days: components["schemas"]["ExplainedDay"][];
            repairs: components["schemas"]["Repair"][];
            gave_way: string[];
            targets: components["schemas"]["Reached"][];
            notices: string[];
            made_with: components["schemas"]["MadeWith"];
        };
        /** @description A day's sum beside its target; null where a food's figure is not known. */
        Figure: {
            figure: string;
            unit: string;
            target: number;
            actual: number | null;
            delta_pct: number | null;
        };
        /** @description What it takes to make the same plan again. */
        MadeWith: {
            seed: number;
            prompt_version: string;
            food_catalogue: string | null;
            exercise_catalogue: string | null;
        };
        Named: {
            id: string;
            title: string;
        };
        /** @description A dish or an exercise, and who chose it; `you` by locking it. `slot` is null for an exercise. */
        Pick: {
            slot?: string | null;
            id: string;
            title: string;
            /** @enum {string} */
            chosen_by: "model" | "planner" | "you";
        };
        /** @description How a daily target was reached. */
        Reached: {
            figure: string;
            value: number;
            unit: string;
            how: string;
            source: string;
        };
        /** @description A choice of the model that was not served, what is there instead, and why. */
        Repair: {
            /** Format: date */
            date: string;
            slot: string;
            proposed: components["schemas"]["Named"] | null;
            served: components["schemas"]["Named"] | null;
            why: string;
        };
        /** @description What a model is told, sent or not: its instructions, the one document of data, what was struck from the notes. */
        Told: {
            instructions: string;
            data: components["schemas"]["ToldData"];
            struck: string[];
        };
        /** @description The one document of data (`ai.prompts.document`): each choice is its id and a line of facts. */
        ToldData: {
            person: components["schemas"]["ToldPerson"];
            daily_targets: components["schemas"]["ToldTargets"];
            days: components["schemas"]["ToldDay"][];
            dishes: {
                [key: string]: string[];
            };
            exercises: string[];
            wishes: string;
        };
        ToldDay: {
            /** Format: date */
            date: string;
            meals: string[];
            training: boolean;
        };
        /** @description All that is said of the person: `age` is ten years wide. */
        ToldPerson: {
            goal: string;
            age: string;
            sex: string;
        };
        ToldTargets: {
            kcal: number | null;
            protein_g: number | null;
            carbs_g: number | null;
            fat_g: number | null;
        };
        /** @description One field that could not be accepted; `pointer` is RFC 6901. */
        ProblemEntry: {
            pointer: string;
            code: string;
            detail: string;
        };
        /** @description RFC 9457, with a stable `code`. */
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            /** @default  */
            request_id?: string;
            /** @default [] */
            errors?: components["schemas"]["ProblemEntry"][];
        };
        PlanCancelled: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.cancelled";
            data: components["schemas"]["PlanCancelledData"];
        };
        /** @description The plan is not made, as was asked for. */
        PlanCancelledData: {
            /**
             * Format: uuid
             * @description the job, as in `GET /jobs/{job_id}`
             */
            job_id: string;
        };
        PlanFailed: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.failed";
            data: components["schemas"]["PlanFailedData"];
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
        PlanProgress: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.progress";
            data: components["schemas"]["PlanProgressData"];
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
        PlanQueued: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.queued";
            data: components["schemas"]["PlanQueuedData"];
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
        PlanReady: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.ready";
            data: components["schemas"]["PlanReadyData"];
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
        PlanUpdated: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "plan.updated";
            data: components["schemas"]["PlanUpdatedData"];
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
        ProfileUpdated: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "profile.updated";
            data: components["schemas"]["ProfileUpdatedData"];
        };
        /** @description A person changed their profile, and with it perhaps their targets. */
        ProfileUpdatedData: {
            /** @description which fields of it */
            fields: string[];
        };
        ProgressDeleted: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.deleted";
            data: components["schemas"]["ProgressDeletedData"];
        };
        /** @description A day's log was deleted. */
        ProgressDeletedData: {
            /**
             * Format: date
             * @description whose log to read again
             */
            date: string;
        };
        ProgressLogged: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.logged";
            data: components["schemas"]["ProgressLoggedData"];
        };
        /** @description A day's log was stored. */
        ProgressLoggedData: {
            /**
             * Format: date
             * @description whose log to read again
             */
            date: string;
        };
        SetsLogged: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "progress.logged";
            data: components["schemas"]["SetsLoggedData"];
        };
        /** @description Performed sets were stored. */
        SetsLoggedData: {
            /** @description whose plans or logs to read again */
            dates: string[];
        };
        SessionRevoked: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "session.revoked";
            data: components["schemas"]["SessionRevokedData"];
        };
        /** @description A session has ended; its socket closes. */
        SessionRevokedData: {
            /**
             * Format: uuid
             * @description the session that began or ended
             */
            session_id: string;
        };
        SessionStarted: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "session.started";
            data: components["schemas"]["SessionStartedData"];
        };
        /** @description A person signed in on another device. */
        SessionStartedData: {
            /**
             * Format: uuid
             * @description the session that began or ended
             */
            session_id: string;
        };
        Resync: {
            seq: number;
            /** Format: date-time */
            time: string;
            /** @constant */
            type: "resync";
            data: components["schemas"]["ResyncData"];
        };
        /** @description What was asked for is too old to be kept, up to this `seq`. */
        ResyncData: Record<string, never>;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type Availability = components['schemas']['Availability'];
export type Imperial = components['schemas']['Imperial'];
export type Registered = components['schemas']['Registered'];
export type User = components['schemas']['User'];
export type Register = components['schemas']['Register'];
export type Tokens = components['schemas']['Tokens'];
export type Login = components['schemas']['Login'];
export type Refresh = components['schemas']['Refresh'];
export type Profile = components['schemas']['Profile'];
export type Farewell = components['schemas']['Farewell'];
export type Consent = components['schemas']['Consent'];
export type ConsentRecord = components['schemas']['ConsentRecord'];
export type Consents = components['schemas']['Consents'];
export type TargetFloor = components['schemas']['TargetFloor'];
export type TargetInputs = components['schemas']['TargetInputs'];
export type TargetStep = components['schemas']['TargetStep'];
export type Targets = components['schemas']['Targets'];
export type Today = components['schemas']['Today'];
export type Ticket = components['schemas']['Ticket'];
export type Event = components['schemas']['Event'];
export type Events = components['schemas']['Events'];
export type Session = components['schemas']['Session'];
export type Sessions = components['schemas']['Sessions'];
export type Address = components['schemas']['Address'];
export type Confirmation = components['schemas']['Confirmation'];
export type EmailChange = components['schemas']['EmailChange'];
export type NewPasswordByLetter = components['schemas']['NewPasswordByLetter'];
export type PasswordChange = components['schemas']['PasswordChange'];
export type Export = components['schemas']['Export'];
export type Aim = components['schemas']['Aim'];
export type AllergenCheck = components['schemas']['AllergenCheck'];
export type AtLeast = components['schemas']['AtLeast'];
export type AtMost = components['schemas']['AtMost'];
export type CeilingCheck = components['schemas']['CeilingCheck'];
export type ConditionCheck = components['schemas']['ConditionCheck'];
export type Deviation = components['schemas']['Deviation'];
export type DietCheck = components['schemas']['DietCheck'];
export type FloorCheck = components['schemas']['FloorCheck'];
export type Ingredient = components['schemas']['Ingredient'];
export type Meal = components['schemas']['Meal'];
export type MealCertificate = components['schemas']['MealCertificate'];
export type MealPlan = components['schemas']['MealPlan'];
export type MealTargets = components['schemas']['MealTargets'];
export type Nutrition = components['schemas']['Nutrition'];
export type Relaxation = components['schemas']['Relaxation'];
export type MealPlans = components['schemas']['MealPlans'];
export type SwapDish = components['schemas']['SwapDish'];
export type LockDish = components['schemas']['LockDish'];
export type Version = components['schemas']['Version'];
export type Versions = components['schemas']['Versions'];
export type Restore = components['schemas']['Restore'];
export type Aisle = components['schemas']['Aisle'];
export type ShoppingItem = components['schemas']['ShoppingItem'];
export type ShoppingList = components['schemas']['ShoppingList'];
export type Food = components['schemas']['Food'];
export type Foods = components['schemas']['Foods'];
export type Recipe = components['schemas']['Recipe'];
export type Recipes = components['schemas']['Recipes'];
export type CardioCheck = components['schemas']['CardioCheck'];
export type DeclaredCheck = components['schemas']['DeclaredCheck'];
export type Effort = components['schemas']['Effort'];
export type EquipmentCheck = components['schemas']['EquipmentCheck'];
export type Exercise = components['schemas']['Exercise'];
export type Guideline = components['schemas']['Guideline'];
export type Load = components['schemas']['Load'];
export type MinutesCheck = components['schemas']['MinutesCheck'];
export type MuscleVolume = components['schemas']['MuscleVolume'];
export type RecoveryCheck = components['schemas']['RecoveryCheck'];
export type WorkoutCertificate = components['schemas']['WorkoutCertificate'];
export type WorkoutFault = components['schemas']['WorkoutFault'];
export type WorkoutPlan = components['schemas']['WorkoutPlan'];
export type WorkoutPlans = components['schemas']['WorkoutPlans'];
export type SwapExercise = components['schemas']['SwapExercise'];
export type LockExercise = components['schemas']['LockExercise'];
export type Recorded = components['schemas']['Recorded'];
export type PerformedSet = components['schemas']['PerformedSet'];
export type PerformedSets = components['schemas']['PerformedSets'];
export type CatalogueExercise = components['schemas']['CatalogueExercise'];
export type Exercises = components['schemas']['Exercises'];
export type ProgressLog = components['schemas']['ProgressLog'];
export type Log = components['schemas']['Log'];
export type ProgressLogs = components['schemas']['ProgressLogs'];
export type Summary = components['schemas']['Summary'];
export type TrendPoint = components['schemas']['TrendPoint'];
export type Job = components['schemas']['Job'];
export type JobError = components['schemas']['JobError'];
export type GeneratePlan = components['schemas']['GeneratePlan'];
export type Jobs = components['schemas']['Jobs'];
export type Asked = components['schemas']['Asked'];
export type ExplainedDay = components['schemas']['ExplainedDay'];
export type Explanation = components['schemas']['Explanation'];
export type Figure = components['schemas']['Figure'];
export type MadeWith = components['schemas']['MadeWith'];
export type Named = components['schemas']['Named'];
export type Pick = components['schemas']['Pick'];
export type Reached = components['schemas']['Reached'];
export type Repair = components['schemas']['Repair'];
export type Told = components['schemas']['Told'];
export type ToldData = components['schemas']['ToldData'];
export type ToldDay = components['schemas']['ToldDay'];
export type ToldPerson = components['schemas']['ToldPerson'];
export type ToldTargets = components['schemas']['ToldTargets'];
export type ProblemEntry = components['schemas']['ProblemEntry'];
export type Problem = components['schemas']['Problem'];
export type PlanCancelled = components['schemas']['PlanCancelled'];
export type PlanCancelledData = components['schemas']['PlanCancelledData'];
export type PlanFailed = components['schemas']['PlanFailed'];
export type PlanFailedData = components['schemas']['PlanFailedData'];
export type PlanProgress = components['schemas']['PlanProgress'];
export type PlanProgressData = components['schemas']['PlanProgressData'];
export type PlanQueued = components['schemas']['PlanQueued'];
export type PlanQueuedData = components['schemas']['PlanQueuedData'];
export type PlanReady = components['schemas']['PlanReady'];
export type PlanReadyData = components['schemas']['PlanReadyData'];
export type PlanUpdated = components['schemas']['PlanUpdated'];
export type PlanUpdatedData = components['schemas']['PlanUpdatedData'];
export type ProfileUpdated = components['schemas']['ProfileUpdated'];
export type ProfileUpdatedData = components['schemas']['ProfileUpdatedData'];
export type ProgressDeleted = components['schemas']['ProgressDeleted'];
export type ProgressDeletedData = components['schemas']['ProgressDeletedData'];
export type ProgressLogged = components['schemas']['ProgressLogged'];
export type ProgressLoggedData = components['schemas']['ProgressLoggedData'];
export type SetsLogged = components['schemas']['SetsLogged'];
export type SetsLoggedData = components['schemas']['SetsLoggedData'];
export type SessionRevoked = components['schemas']['SessionRevoked'];
export type SessionRevokedData = components['schemas']['SessionRevokedData'];
export type SessionStarted = components['schemas']['SessionStarted'];
export type SessionStartedData = components['schemas']['SessionStartedData'];
export type Resync = components['schemas']['Resync'];
export type ResyncData = components['schemas']['ResyncData'];
export type $defs = Record<string, never>;
export interface operations {
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registered"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getProfile: {
        parameters: {
            query?: {
                units?: ("metric" | "imperial") | null;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    putProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Profile"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    eraseProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Farewell"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    patchProfile: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Profile"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    listConsents: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consents"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getTargets: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Targets"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getToday: {
        parameters: {
            query?: {
                date?: string | null;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Today"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    openTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ticket"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                after?: number;
                limit?: number;
            };
            header?: {
                /** @description of a stream: the last `seq` that was seen, sent by browsers of themselves; goes before `after` */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Events"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    logoutAll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    requestEmailVerification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    confirmEmail: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Confirmation"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    requestEmailChange: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailChange"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    requestPasswordReset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Address"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPasswordByLetter"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    requestExport: {
        parameters: {
            query?: never;
            header?: {
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
        };
    };
    getExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                export_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
        };
    };
    downloadExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                export_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
        };
    };
    getMealPlan: {
        parameters: {
            query?: {
                date?: string | null;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MealPlan"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listMealPlans: {
        parameters: {
            query: {
                /** @description first date */
                from: string;
                /** @description last date, included */
                to: string;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MealPlans"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    swapDish: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SwapDish"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MealPlan"];
                };
            };
        };
    };
    lockDish: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockDish"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MealPlan"];
                };
            };
        };
    };
    listMealPlanVersions: {
        parameters: {
            query: {
                date: string;
                /** @description `next_cursor` of the page before */
                cursor?: number | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Versions"];
                };
            };
        };
    };
    restoreMealPlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Restore"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MealPlan"];
                };
            };
        };
    };
    getShoppingList: {
        parameters: {
            query: {
                /** @description first date */
                from: string;
                /** @description last date, included */
                to: string;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShoppingList"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listFoods: {
        parameters: {
            query?: {
                /** @description words of the name */
                q?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Foods"];
                };
            };
        };
    };
    listRecipes: {
        parameters: {
            query?: {
                /** @description words of the name */
                q?: string;
                slot?: ("breakfast" | "lunch" | "dinner" | "snack") | null;
                /** @description may be repeated */
                diet?: ("vegan" | "vegetarian" | "pescatarian" | "halal" | "kosher")[];
                /** @description allergens; may be repeated */
                without?: ("gluten" | "crustaceans" | "eggs" | "fish" | "peanuts" | "soy" | "milk" | "nuts" | "celery" | "mustard" | "sesame" | "sulphites" | "lupin" | "molluscs")[];
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recipes"];
                };
            };
        };
    };
    getWorkoutPlan: {
        parameters: {
            query?: {
                date?: string | null;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkoutPlan"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listWorkoutPlans: {
        parameters: {
            query: {
                /** @description first date */
                from: string;
                /** @description last date, included */
                to: string;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkoutPlans"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    swapExercise: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SwapExercise"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkoutPlan"];
                };
            };
        };
    };
    lockExercise: {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the change was made on; 412 when there is a newer one */
                "If-Match"?: string;
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockExercise"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkoutPlan"];
                };
            };
        };
    };
    recordSets: {
        parameters: {
            query?: never;
            header?: {
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PerformedSets"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recorded"];
                };
            };
        };
    };
    listExercises: {
        parameters: {
            query?: {
                /** @description words of the name */
                q?: string;
                muscle?: ("quads" | "hams" | "glutes" | "calves" | "chest" | "back" | "delts" | "biceps" | "triceps" | "abs") | null;
                /** @description what there is; may be repeated */
                equipment?: ("dumbbell" | "barbell" | "kettlebell" | "machine" | "cable" | "band" | "bench" | "pull_up_bar" | "cardio_machine")[];
                /** @description `next_cursor` of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Exercises"];
                };
            };
        };
    };
    listProgress: {
        parameters: {
            query: {
                /** @description first date */
                from: string;
                /** @description last date, included */
                to: string;
            };
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressLogs"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    logProgress: {
        parameters: {
            query?: never;
            header?: {
                /** @description repeat the request safely, for 24 hours */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Log"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressLog"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProgressLog"];
                };
            };
        };
    };
    getProgressSummary: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Summary"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    deleteProgress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    generatePlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description `wait=N`: answer when the plan is ready, N ≤ 30 s */
                Prefer?: string;
                /** @description repeat the request safely */
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GeneratePlan"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                cursor?: string | null;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jobs"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETags that the client has; 304 when the answer is one of them */
                "If-None-Match"?: string;
            };
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The client has this answer already. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
        };
    };
    getJobExplanation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
        };
    };
}
