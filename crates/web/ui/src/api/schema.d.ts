// Made by `npm run generate` from crates/api/openapi.json. Do not edit.

export interface paths {
    "/api/v1/admin/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The media library: the newest first; `q` is looked for in the names. */
        get: operations["list_media"];
        put?: never;
        /** Bring a file, in the field `file` of a form. What it is, is seen by its content. The same content is kept once. */
        post: operations["upload_media"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/media/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a file that no page shows. */
        delete: operations["delete_media"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers and the last changes. */
        get: operations["overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All pages: the last changed first, or the best found first. */
        get: operations["list_pages"];
        put?: never;
        /** Make a page. It begins as a draft. */
        post: operations["create_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page with its text. */
        get: operations["get_page"];
        /** Change a page that the client has seen. */
        put: operations["update_page"];
        post?: never;
        /** Delete a page for good. */
        delete: operations["delete_page"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Show a page to visitors. */
        post: operations["publish_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The states of a page, the present one first.
         * @description Each change keeps the state before it: the newest 50, and of what is older the last one of each month.
         */
        get: operations["list_revisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One state of a page, with its text. */
        get: operations["get_revision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/revisions/{revision}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed between two states of a page. */
        get: operations["diff_revision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/revisions/{revision}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Bring an earlier state back, as a new revision: title, summary and text. Address and visibility stay as they are. */
        post: operations["restore_revision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/pages/{id}/unpublish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hide a page from visitors. */
        post: operations["unpublish_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Render a text as it will be published, without saving it. */
        post: operations["preview_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in. The answer takes the same time whether the address is known or not. */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign out: the session ends here and in the browser. */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account of this session. */
        get: operations["me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The outbox: the newest first; `q` is looked for in the addresses. */
        get: operations["list_outbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One letter, with its texts. */
        get: operations["get_outbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send again what was given up. */
        post: operations["retry_outbox"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Published pages: the newest first, or the best found first with the place that was found. */
        get: operations["list_published_pages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pages/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A published page by its slug, which may have parts: `guides/backup`. */
        get: operations["read_page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Name and language of the site. */
        get: operations["site"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feed.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The 20 newest published pages as RSS 2.0. */
        get: operations["feed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of the whole: the status; with the token of operators all checks. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/features": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What people can do with the site at the moment. */
        get: operations["features"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/style.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The style of the page of `/health`. */
        get: operations["health_style"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/{node}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A part of the tree, by its path, or a check, by its name; `all` is the whole. With the token of operators only. */
        get: operations["node"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same, under the name that some look for. */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process answers. Depends on nothing: a slow disk must not get the server killed. */
        get: operations["livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media/{sha256}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file, whole or a range of it. Its name in the address is for people only. */
        get: operations["read_media"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What Prometheus reads, as OpenMetrics text. With the token of operators only, or on a port of its own. */
        get: operations["show_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server can serve: it has started, its writer answers, and it was not told to stop. */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/robots.txt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What robots may read. */
        get: operations["robots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sitemap.xml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Published pages for search engines, as sitemaps.org describes it: the newest 50,000. */
        get: operations["sitemap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/startupz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The start is over: the database is open and its schema is the one of this program. */
        get: operations["startupz"];
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
        /** @description Somebody who may sign in. */
        Account: {
            /** @description When it was made. */
            created_at: components["schemas"]["Time"];
            /** @description The address to sign in with; unique without regard to case. */
            email: string;
            /** @description Id of the account. */
            id: components["schemas"]["AccountId"];
            /** @description The name that pages show as author. */
            name: string;
            /** @description What it may do. */
            role: components["schemas"]["Role"];
        };
        /**
         * Format: uuid
         * @description Id of an [`Account`](crate::auth::Account).
         */
        AccountId: string;
        /** @description What one signs in with. */
        Credentials: {
            /**
             * @description Address of the account.
             * @example admin@example.com
             */
            email: string;
            /**
             * Format: password
             * @description Its password.
             */
            password: string;
        };
        DatabaseSize: {
            /**
             * Format: int64
             * @description Without its write-ahead log.
             */
            size_bytes: number;
        };
        /** @description Something that people do, and how much of it there is. */
        Feature: {
            /**
             * @description `available`, `degraded` or `unavailable`.
             * @example available
             */
            availability: string;
            /**
             * @description Its name.
             * @example media-upload
             */
            id: string;
            /** @description Where it is degraded: what still works. */
            still_works?: string[];
            /** @description A few words for people. */
            title: string;
        };
        /** @description What people can do with the site. */
        Features: {
            features: components["schemas"]["Feature"][];
        };
        /** @description One field of the request that is not as it must be. */
        FieldProblem: {
            /** @description A sentence for people. */
            detail: string;
            /**
             * @description JSON pointer to the field in the request's body.
             * @example /slug
             */
            pointer: string;
        };
        /** @description The answer of a probe. */
        Health: {
            /** @description `pass`, `warn` or `fail`. */
            status: string;
        };
        /** @description One part of a list. */
        List_Media: {
            /** @description The items, in order. */
            items: {
                /** @description When it came. */
                created_at: components["schemas"]["Time"];
                /**
                 * Format: int32
                 * @description Pixels; null where it is no picture.
                 */
                height?: number | null;
                /** @description Id of the file. */
                id: components["schemas"]["MediaId"];
                /**
                 * @description What it is, by its content.
                 * @example image/png
                 */
                media_type: string;
                /** @description Its name when it came, cleaned for use in addresses. */
                name: string;
                /** @description SHA-256 of its content, lower-case hex. */
                sha256: string;
                /**
                 * Format: int64
                 * @description Its size.
                 */
                size_bytes: number;
                /** @description Where it is served. */
                url: string;
                /**
                 * Format: int32
                 * @description Pixels; null where it is no picture.
                 */
                width?: number | null;
            }[];
            /** @description Where the next part begins; null at the end. */
            next_cursor?: string | null;
        };
        /** @description One part of a list. */
        List_OutboxEntry: {
            /** @description The items, in order. */
            items: {
                /**
                 * Format: int32
                 * @description How often it was tried.
                 */
                attempts: number;
                /** @description When it was written. */
                created_at: components["schemas"]["Time"];
                dead_at?: components["schemas"]["Time"] | null;
                /** @description Its id; the `Message-ID` of a letter begins with it. */
                id: components["schemas"]["OutboxId"];
                /** @description `mail`. */
                kind: string;
                /** @description Why the last attempt failed. */
                last_error?: string | null;
                next_at?: components["schemas"]["Time"] | null;
                sent_at?: components["schemas"]["Time"] | null;
                /** @description Where it stands. */
                state: components["schemas"]["OutboxState"];
                /** @description The address that it goes to. */
                target: string;
                /**
                 * @description Which text it is.
                 * @example sign-in
                 */
                template: string;
            }[];
            /** @description Where the next part begins; null at the end. */
            next_cursor?: string | null;
        };
        /** @description One part of a list. */
        List_PageCard: {
            /** @description The items, in order. */
            items: {
                /** @description Name of who wrote it; null for imported pages. */
                author?: string | null;
                /** @description In searches: the place that was found, as HTML with `<mark>` around the words. */
                excerpt?: string | null;
                /** @description When it was first published. */
                published_at: components["schemas"]["Time"];
                /** @description Its address: `/{slug}`. */
                slug: string;
                /** @description One or two sentences. */
                summary: string;
                /** @description Heading and name. */
                title: string;
                /** @description When it was last changed. */
                updated_at: components["schemas"]["Time"];
            }[];
            /** @description Where the next part begins; null at the end. */
            next_cursor?: string | null;
        };
        /** @description One part of a list. */
        List_PageRow: {
            /** @description The items, in order. */
            items: {
                /** @description Name of who wrote it first; null for imported pages. */
                author?: string | null;
                /** @description When it was made. */
                created_at: components["schemas"]["Time"];
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
                published_at?: components["schemas"]["Time"] | null;
                /**
                 * Format: int64
                 * @description Counts its changes; also its ETag.
                 */
                revision: number;
                /**
                 * @description Its address: `/{slug}`.
                 * @example guides/backup
                 */
                slug: string;
                /** @description Whether visitors see it. */
                status: components["schemas"]["Status"];
                /** @description One or two sentences for lists. */
                summary: string;
                /** @description Heading and name. */
                title: string;
                /** @description When it was last changed. */
                updated_at: components["schemas"]["Time"];
            }[];
            /** @description Where the next part begins; null at the end. */
            next_cursor?: string | null;
        };
        /** @description One part of a list. */
        List_RevisionRow: {
            /** @description The items, in order. */
            items: {
                /** @description Name of who made it; null for imports, and where it is not known. */
                author?: string | null;
                /** @description What made it. */
                reason: components["schemas"]["Reason"];
                /**
                 * Format: int64
                 * @description Its number; the page's ETag while it was the present one. Numbers may be missing where older ones were thinned out.
                 */
                revision: number;
                /** @description When it was made. */
                saved_at: components["schemas"]["Time"];
                /** @description Whether visitors saw it. */
                status: components["schemas"]["Status"];
                /** @description Heading and name. */
                title: string;
            }[];
            /** @description Where the next part begins; null at the end. */
            next_cursor?: string | null;
        };
        /** @description A file that pages may show. */
        Media: {
            /** @description When it came. */
            created_at: components["schemas"]["Time"];
            /**
             * Format: int32
             * @description Pixels; null where it is no picture.
             */
            height?: number | null;
            /** @description Id of the file. */
            id: components["schemas"]["MediaId"];
            /**
             * @description What it is, by its content.
             * @example image/png
             */
            media_type: string;
            /** @description Its name when it came, cleaned for use in addresses. */
            name: string;
            /** @description SHA-256 of its content, lower-case hex. */
            sha256: string;
            /**
             * Format: int64
             * @description Its size.
             */
            size_bytes: number;
            /** @description Where it is served. */
            url: string;
            /**
             * Format: int32
             * @description Pixels; null where it is no picture.
             */
            width?: number | null;
        };
        /**
         * Format: uuid
         * @description Id of a [`Media`](crate::media::Media) file.
         */
        MediaId: string;
        MediaTotal: {
            /** Format: int64 */
            count: number;
            /** Format: int64 */
            size_bytes: number;
        };
        /** @description A page to be made. */
        NewPage: {
            /** @description The text in Markdown. */
            body?: string;
            /** @description Its address; made from the title when not given. */
            slug?: string;
            /** @description One or two sentences for lists; at most 500 characters. */
            summary?: string;
            /** @description Heading and name; 1 to 200 characters. */
            title: string;
        };
        /** @description Something to be sent, or that was. */
        OutboxEntry: {
            /**
             * Format: int32
             * @description How often it was tried.
             */
            attempts: number;
            /** @description When it was written. */
            created_at: components["schemas"]["Time"];
            dead_at?: components["schemas"]["Time"] | null;
            /** @description Its id; the `Message-ID` of a letter begins with it. */
            id: components["schemas"]["OutboxId"];
            /** @description `mail`. */
            kind: string;
            /** @description Why the last attempt failed. */
            last_error?: string | null;
            next_at?: components["schemas"]["Time"] | null;
            sent_at?: components["schemas"]["Time"] | null;
            /** @description Where it stands. */
            state: components["schemas"]["OutboxState"];
            /** @description The address that it goes to. */
            target: string;
            /**
             * @description Which text it is.
             * @example sign-in
             */
            template: string;
        };
        /**
         * Format: uuid
         * @description Id of something in the outbox.
         */
        OutboxId: string;
        /** @description A letter as it is sent. */
        OutboxLetter: components["schemas"]["OutboxEntry"] & {
            texts?: components["schemas"]["OutboxTexts"] | null;
        };
        /**
         * @description Where something in the outbox stands.
         * @enum {string}
         */
        OutboxState: "queued" | "leased" | "sent" | "dead";
        /** @description The texts of a letter. */
        OutboxTexts: {
            /** @description For programs that show HTML. */
            html: string;
            /** @description The subject. */
            subject: string;
            /** @description For programs that show text. */
            text: string;
        };
        /** @description What there is, for the first view of the admin area. */
        Overview: {
            database: components["schemas"]["DatabaseSize"];
            media: components["schemas"]["MediaTotal"];
            pages: components["schemas"]["PageCounts"];
            /** @description The pages that were changed last. */
            recent: components["schemas"]["PageRow"][];
            /** @description The version that answers. */
            version: string;
        };
        /** @description A page with its text, for the editor. */
        Page: components["schemas"]["PageRow"] & {
            /** @description The text in Markdown, as written. */
            body: string;
            /** @description The text as visitors get it. */
            html: string;
        };
        /** @description A published page in a list. */
        PageCard: {
            /** @description Name of who wrote it; null for imported pages. */
            author?: string | null;
            /** @description In searches: the place that was found, as HTML with `<mark>` around the words. */
            excerpt?: string | null;
            /** @description When it was first published. */
            published_at: components["schemas"]["Time"];
            /** @description Its address: `/{slug}`. */
            slug: string;
            /** @description One or two sentences. */
            summary: string;
            /** @description Heading and name. */
            title: string;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Time"];
        };
        /** @description Everything of a page that is written. */
        PageChange: {
            /** @description The text in Markdown. */
            body: string;
            /** @description Its address. */
            slug: string;
            /** @description One or two sentences for lists; at most 500 characters. */
            summary: string;
            /** @description Heading and name; 1 to 200 characters. */
            title: string;
        };
        PageCounts: {
            /** Format: int64 */
            draft: number;
            /** Format: int64 */
            published: number;
        };
        /**
         * Format: uuid
         * @description Id of a [`Page`](crate::pages::Page).
         */
        PageId: string;
        /** @description A page in a list of the admin area. */
        PageRow: {
            /** @description Name of who wrote it first; null for imported pages. */
            author?: string | null;
            /** @description When it was made. */
            created_at: components["schemas"]["Time"];
            /** @description Id of the page. */
            id: components["schemas"]["PageId"];
            published_at?: components["schemas"]["Time"] | null;
            /**
             * Format: int64
             * @description Counts its changes; also its ETag.
             */
            revision: number;
            /**
             * @description Its address: `/{slug}`.
             * @example guides/backup
             */
            slug: string;
            /** @description Whether visitors see it. */
            status: components["schemas"]["Status"];
            /** @description One or two sentences for lists. */
            summary: string;
            /** @description Heading and name. */
            title: string;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Time"];
        };
        /** @description A rendered text. */
        Preview: {
            /** @description As it will be published. */
            html: string;
        };
        /** @description A text to be rendered. */
        PreviewSource: {
            /** @description The text in Markdown. */
            body: string;
        };
        /** @description The body of every error answer. */
        Problem: {
            /**
             * @description Stable name of this kind of error, for programs.
             * @example page-not-found
             */
            code: string;
            /** @description A sentence for people. */
            detail: string;
            /** @description With code `invalid`: each field that is not as it must be. */
            errors?: components["schemas"]["FieldProblem"][];
            /** @description Names this request in the log. */
            request_id?: string | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The status in words. */
            title: string;
            /**
             * @description URN made of the code; stable.
             * @example urn:magnetiq:problem:page-not-found
             */
            type: string;
        };
        /** @description A published page as visitors read it. */
        PublicPage: {
            /** @description Name of who wrote it; null for imported pages. */
            author?: string | null;
            /** @description The text as sanitised HTML. */
            html: string;
            /** @description When it was first published. */
            published_at: components["schemas"]["Time"];
            /** @description Its address: `/{slug}`. */
            slug: string;
            /** @description One or two sentences. */
            summary: string;
            /** @description Heading and name. */
            title: string;
            /** @description When it was last changed. */
            updated_at: components["schemas"]["Time"];
        };
        /**
         * @description What made a state of a page.
         * @enum {string}
         */
        Reason: "created" | "imported" | "edited" | "published" | "unpublished" | "restored";
        /** @description A state of a page with its text. */
        Revision: components["schemas"]["RevisionRow"] & {
            /** @description The text in Markdown. */
            body: string;
            /** @description Its address. */
            slug: string;
            /** @description One or two sentences. */
            summary: string;
        };
        /** @description What changed between two states of a page. */
        RevisionDiff: {
            /**
             * Format: int64
             * @description The earlier state; null when there is none before.
             */
            from?: number | null;
            /** @description Unified diff, line by line: address, title, summary, status, then the text. Empty when nothing differs. */
            text: string;
            /**
             * Format: int64
             * @description The later state.
             */
            to: number;
        };
        /** @description A state of a page in a list. */
        RevisionRow: {
            /** @description Name of who made it; null for imports, and where it is not known. */
            author?: string | null;
            /** @description What made it. */
            reason: components["schemas"]["Reason"];
            /**
             * Format: int64
             * @description Its number; the page's ETag while it was the present one. Numbers may be missing where older ones were thinned out.
             */
            revision: number;
            /** @description When it was made. */
            saved_at: components["schemas"]["Time"];
            /** @description Whether visitors saw it. */
            status: components["schemas"]["Status"];
            /** @description Heading and name. */
            title: string;
        };
        /**
         * @description What an account may do; each role may do all that the one before it may.
         * @enum {string}
         */
        Role: "viewer" | "editor" | "admin";
        /** @description Who the site is. */
        Site: {
            /** @description A sentence about it. */
            description: string;
            /**
             * @description The language of its pages, as BCP 47 writes it.
             * @example en
             */
            language: string;
            /** @description Its name. */
            title: string;
        };
        /**
         * @description Whether visitors see a page.
         * @enum {string}
         */
        Status: "draft" | "published";
        /**
         * Format: date-time
         * @description A moment in UTC with millisecond precision: RFC 3339 in JSON, unix milliseconds in the database.
         * @example 2026-11-23T16:45:00Z
         */
        Time: string;
        /** @description An upload as a form. */
        Upload: {
            /**
             * Format: binary
             * @description The file.
             */
            file: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_media: {
        parameters: {
            query?: {
                /** @description Words to search for. */
                q?: string;
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description How many items at most; 20 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Media"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    upload_media: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["Upload"];
            };
        };
        responses: {
            /** @description This content was here already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Media"];
                };
            };
            /** @description Kept */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Media"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `upload-too-large` */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported-media-type` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `read-only`, `media-read-only`, `busy`, with Retry-After */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `disk-low`, `disk-full` */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_media: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the media file. */
                id: components["schemas"]["MediaId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `media-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `media-in-use`: the detail names the pages */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    overview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pages: {
        parameters: {
            query?: {
                /** @description Words to search for. */
                q?: string;
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description How many items at most; 20 when not given. */
                limit?: number;
                /** @description Only those with this status. */
                status?: components["schemas"]["Status"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_PageRow"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPage"];
            };
        };
        responses: {
            201: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: each field is named */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_page: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_page: {
        parameters: {
            query?: never;
            header: {
                /** @description The page's ETag */
                "If-Match": string;
            };
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PageChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed`: somebody else changed it */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid`: each field is named */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-required`: no If-Match */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_page: {
        parameters: {
            query?: never;
            header: {
                /** @description The page's ETag */
                "If-Match": string;
            };
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed` */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-required` */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publish_page: {
        parameters: {
            query?: never;
            header: {
                /** @description The page's ETag */
                "If-Match": string;
            };
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed` */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-required` */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_revisions: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description How many at most; 20 when not given. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_RevisionRow"];
                };
            };
            /** @description `bad-request`: cursor or limit */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_revision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
                /** @description Number of the revision. */
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revision"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `revision-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    diff_revision: {
        parameters: {
            query?: {
                /** @description The state to compare with; the one before when not given. */
                from?: number;
            };
            header?: never;
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
                /** @description Number of the revision. */
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionDiff"];
                };
            };
            /** @description `bad-request`: from is no number */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `revision-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_revision: {
        parameters: {
            query?: never;
            header: {
                /** @description The page's ETag */
                "If-Match": string;
            };
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
                /** @description Number of the revision. */
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `revision-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed` */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-required` */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unpublish_page: {
        parameters: {
            query?: never;
            header: {
                /** @description The page's ETag */
                "If-Match": string;
            };
            path: {
                /** @description Id of the page. */
                id: components["schemas"]["PageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-failed` */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition-required` */
            428: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewSource"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role editor */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
                "application/json": components["schemas"]["Credentials"];
            };
        };
        responses: {
            /** @description Signed in; the cookie carries the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `wrong-credentials` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `too-many-attempts`, with Retry-After */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
        requestBody?: never;
        responses: {
            /** @description Signed out, or was not signed in */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_outbox: {
        parameters: {
            query?: {
                /** @description Only what stands there; all when not given. */
                state?: components["schemas"]["OutboxState"];
                /** @description Words to search for. */
                q?: string;
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description How many items at most; 20 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_OutboxEntry"];
                };
            };
            /** @description `bad-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_outbox: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of what is sent. */
                id: components["schemas"]["OutboxId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxLetter"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retry_outbox: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of what is sent. */
                id: components["schemas"]["OutboxId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is queued again */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutboxEntry"];
                };
            };
            /** @description `not-signed-in` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `role-too-low`: this needs the role admin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-given-up`: it waits, or was sent */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_published_pages: {
        parameters: {
            query?: {
                /** @description Words to search for. */
                q?: string;
                /** @description `next_cursor` of the part before. */
                cursor?: string;
                /** @description How many items at most; 20 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_PageCard"];
                };
            };
            /** @description `bad-request`: cursor or limit */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_page: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Address of the page on the site */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicPage"];
                };
            };
            /** @description The page has another address now: Location */
            301: {
                headers: {
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The client's copy, named in If-None-Match, is the current one */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `page-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    site: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Site"];
                };
            };
        };
    };
    feed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/rss+xml": string;
                };
            };
            /** @description The client's copy, named in If-None-Match, is the current one */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    health: {
        parameters: {
            query?: {
                /** @description `1`: a warning is 503, too. */
                strict?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
            /** @description `not-an-operator`: the token is wrong */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
    features: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Features"];
                };
            };
        };
    };
    health_style: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": unknown;
                };
            };
        };
    };
    node: {
        parameters: {
            query?: {
                /** @description `1`: a warning is 503, too. */
                strict?: number;
            };
            header?: never;
            path: {
                node: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
            /** @description `not-an-operator` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
    livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
    read_media: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sha256: string;
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": unknown;
                };
            };
            /** @description The range that was asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The client's copy is the current one */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `media-not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            /** @description `not-an-operator` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
    robots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    sitemap: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/xml": string;
                };
            };
            /** @description The client's copy, named in If-None-Match, is the current one */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    startupz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/health+json": components["schemas"]["Health"];
                };
            };
        };
    };
}
