//! nginx: before everything (`site`), and under the page (`frontend`).

mod pages;

use std::fmt::Write as _;

use magnetiq_config::{PAGE_HEADERS, PAGE_PORT};

use crate::deployment::{Deployment, Environment, TlsMin, Version};
use crate::files::Files;
use crate::fill::{fill, header};

pub(crate) use pages::pages;

/// Where an nginx runs, and how it reaches the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The host of `api-server`.
    pub(crate) backend: &'a str,
    /// Who tells the addresses of hosts while it runs: in Docker they change with each start of a container.
    pub(crate) resolver: Option<&'a str>,
    /// Networks of the proxy before it.
    pub(crate) proxies: &'a [String],
    /// Whether that proxy is none of ours, which lead to https and keep visitors there themselves.
    pub(crate) is_first: bool,
}

/// Of Docker, in networks that are made for a project.
pub(crate) const DOCKER_RESOLVER: &str = "127.0.0.11";

/// Where certbot puts what the authority asks for, on a machine without containers.
pub(crate) const LINUX_ACME_FOLDER: &str = "/var/lib/magnetiq-acme";

/// Where the proxy's container listens: a port below 1024 is not for everybody everywhere.
pub(crate) const HTTP_PORT: u16 = 8080;
/// Where the container of the proxy speaks TLS, whatever port of the machine leads there.
pub const HTTPS_PORT: u16 = 8443;

/// Folders in the proxy's container.
pub(crate) const TLS_FOLDER: &str = "/etc/magnetiq/tls";
pub(crate) const ACME_FOLDER: &str = "/var/lib/magnetiq/acme";
pub(crate) const PAGES_FOLDER: &str = "/srv/proxy";
pub(crate) const STATE_FOLDER: &str = "/var/lib/magnetiq/proxy";
pub(crate) const COPIES_FOLDER: &str = "/var/cache/magnetiq";

/// Always asked for anew, and kept for when there is no answer.
const COPIED: &str = "proxy_cache magnetiq_copies;\nproxy_cache_bypass 1;";
/// What was kept, and nothing where nothing was.
const COPY: &str = "proxy_cache magnetiq_copies;\nproxy_cache_bypass $http_authorization $http_origin $magnetiq_has_session $magnetiq_wants_no_copy;\n\
                    proxy_pass http://magnetiq_nobody;";

/// The longest name that nginx has room for without being told: a line of the processor's cache, of 64 bytes, without the 18 that it adds.
const NAME_MAX_BYTES: usize = 46;

/// What the server makes for search engines and readers of feeds: in parts, and in each language.
const FEEDS: &str = r"^/(sitemap(-[0-9]+)?\.xml|([a-z0-9-]+/)?(feed|atom)\.xml|robots\.txt)$";
/// Whether it is up.
const PROBES: &str = "^/(livez|readyz|startupz|healthz|health/features)$";

/// The first version with `http2 on`.
const HTTP2_DIRECTIVE: Version = (1, 25, 1);
/// The first version that looks up the hosts of an upstream while it runs.
const UPSTREAM_RESOLVE: Version = (1, 27, 3);

/// `nginx/`: the site for an nginx that others manage, and what it shows by itself.
pub(crate) fn files(deployment: &Deployment) -> Files {
    let mut files = Files::default();
    files.add("nginx/magnetiq.conf", linux(deployment, &format!("/etc/letsencrypt/live/{}", deployment.lineage())));
    for (name, text) in pages() {
        files.add(format!("nginx/pages/{name}"), text);
    }
    files
}

/// The whole configuration of the proxy's container.
pub(crate) fn proxy(deployment: &Deployment) -> String {
    let layout = Layout {
        http: HTTP_PORT,
        https: HTTPS_PORT,
        ipv6: false,
        access_log: "/dev/stdout",
        acme: ACME_FOLDER,
        pages: PAGES_FOLDER,
        state: STATE_FOLDER,
        copies: COPIES_FOLDER,
        certificate: (format!("{TLS_FOLDER}/live/fullchain.pem"), format!("{TLS_FOLDER}/live/privkey.pem")),
        backend: Host { name: "backend", address: format!("backend:{}", deployment.environments.compose.settings.server.port) },
        page: Host { name: "page", address: format!("frontend:{PAGE_PORT}") },
        resolver: Some(DOCKER_RESOLVER),
    };
    let http = site(deployment, &deployment.environments.compose, &layout);
    main("nginx before everything: TLS, limits, who goes where.", deployment, &http)
}

/// The configuration for an nginx that others manage, on the machine where the programs run: for its folder `conf.d`. It reads the certificate and
/// its key in the folder `tls`.
pub(crate) fn linux(deployment: &Deployment, tls: &str) -> String {
    let address = format!("127.0.0.1:{}", deployment.environments.linux.settings.server.port);
    let layout = Layout {
        http: 80,
        https: 443,
        ipv6: deployment.proxy.ipv6,
        access_log: "/var/log/magnetiq/nginx.log",
        acme: LINUX_ACME_FOLDER,
        pages: "/usr/local/share/magnetiq/pages",
        state: "/var/lib/magnetiq-proxy",
        // In memory, and for root alone to make: nginx makes it at its start, as its own.
        copies: "/run/magnetiq-copies",
        certificate: (format!("{tls}/fullchain.pem"), format!("{tls}/privkey.pem")),
        backend: Host { name: "backend", address: address.clone() },
        page: Host { name: "backend", address },
        resolver: None,
    };
    format!("{}\n{}", header("nginx before api-server, for /etc/nginx/conf.d."), site(deployment, &deployment.environments.linux, &layout))
}

/// The whole configuration of the page's container.
pub(crate) fn frontend(deployment: &Deployment, place: Place<'_>) -> String {
    let backend = Host { name: "backend", address: format!("{}:{}", place.backend, deployment.environments.compose.settings.server.port) };
    let reach = Reach { version: deployment.proxy.version, resolver: place.resolver };
    let http = fill(
        include_str!("frontend.conf"),
        &[
            ("real_ip", &real_ip(place.proxies)),
            ("header_maps", &header_maps()),
            ("upstreams", &reach.upstreams(&[&backend])),
            ("port", &PAGE_PORT.to_string()),
            ("alias_server", &frontend_alias_server(deployment)),
            ("add_headers", &add_headers()),
            ("hsts_map", &if place.is_first { hsts_map(deployment) } else { String::new() }),
            ("https", &if place.is_first { to_https(deployment) } else { String::new() }),
            ("long_names", long_names(deployment)),
            ("feeds", FEEDS),
            ("probes", PROBES),
            ("to_backend", &reach.pass(&backend)),
        ],
    );
    main("nginx under the page: its files, and the page for every address of the site.", deployment, &http)
}

struct Host {
    name: &'static str,
    address: String,
}

struct Layout<'a> {
    http: u16,
    https: u16,
    ipv6: bool,
    access_log: &'a str,
    acme: &'a str,
    pages: &'a str,
    state: &'a str,
    copies: &'a str,
    certificate: (String, String),
    backend: Host,
    page: Host,
    resolver: Option<&'a str>,
}

fn main(what: &str, deployment: &Deployment, http: &str) -> String {
    let descriptors = deployment.limits.descriptors;
    fill(
        include_str!("main.conf"),
        &[
            ("header", &header(what)),
            ("descriptors", &descriptors.to_string()),
            // Each connection of a client may have one to a server behind.
            ("worker_connections", &(descriptors / 4).to_string()),
            ("http", http),
        ],
    )
}

fn site(deployment: &Deployment, environment: &Environment, layout: &Layout<'_>) -> String {
    let proxy = &deployment.proxy;
    let reach = Reach { version: proxy.version, resolver: layout.resolver };
    let settings = &environment.settings;
    let is_one = layout.page.name == layout.backend.name;
    let hosts: Vec<&Host> = if is_one { vec![&layout.backend] } else { vec![&layout.backend, &layout.page] };
    let listen = |port, parameters: &str| listen(port, parameters, layout.ipv6);
    let http2 = if proxy.version >= HTTP2_DIRECTIVE { "" } else { " http2" };
    let listen_https = |default: &str| {
        let on = if proxy.version >= HTTP2_DIRECTIVE { "http2 on;\n" } else { "" };
        format!("{}{on}", listen(layout.https, &format!(" ssl{http2}{default}")))
    };
    let certificate = format!("ssl_certificate {};\nssl_certificate_key {};", layout.certificate.0, layout.certificate.1);
    // A form field or two around the file.
    let upload_limit_bytes = settings.media.upload_limit_bytes.saturating_add(64 * 1024);
    fill(
        include_str!("site.conf"),
        &[
            ("real_ip", &real_ip(&proxy.trusted.iter().map(ToString::to_string).collect::<Vec<_>>())),
            ("header_maps", &header_maps()),
            ("add_headers", &add_headers()),
            ("api_per_second", &proxy.api_per_second.to_string()),
            ("api_burst", &proxy.api_burst.to_string()),
            ("login_per_minute", &proxy.login_per_minute.to_string()),
            ("login_burst", &proxy.login_burst.to_string()),
            ("connections", &proxy.connections.to_string()),
            ("upstreams", &reach.upstreams(&hosts)),
            ("listen_http_default", &listen(layout.http, " default_server")),
            ("listen_https_default", &listen_https(" default_server")),
            ("listen_http", &listen(layout.http, "")),
            ("listen_https", &listen_https("")),
            ("tls", &tls(proxy.tls_min)),
            ("certificate", &certificate),
            ("long_names", long_names(deployment)),
            ("hosts", &deployment.hosts().collect::<Vec<_>>().join(" ")),
            ("domain", &deployment.domain),
            ("alias_server", &alias_server(deployment, layout, &listen_https(""), &certificate)),
            ("access_log", layout.access_log),
            ("acme", layout.acme),
            ("pages", layout.pages),
            ("hsts", &hsts(deployment)),
            ("body_timeout_s", &settings.server.body_timeout.as_secs().max(1).to_string()),
            // What the store allows a request to wait and to run, and a little more.
            ("read_timeout_s", &read_timeout_s(environment).to_string()),
            ("json_limit_bytes", &settings.server.json_limit_bytes.to_string()),
            ("upload_limit_bytes", &upload_limit_bytes.to_string()),
            ("resumable_limit_bytes", &settings.media.resumable_limit_bytes.to_string()),
            ("maintenance", &format!("if (-f {}/maintenance) {{\n    return 503;\n}}", layout.state)),
            ("copies", layout.copies),
            ("copied", COPIED),
            ("copy", COPY),
            ("api_errors", pages::API_ERRORS),
            ("page_errors", pages::PAGE_ERRORS),
            ("problems", &pages::problems()),
            ("feeds", FEEDS),
            ("probes", PROBES),
            ("to_backend", &reach.pass(&layout.backend)),
            ("to_page", &reach.pass(&layout.page)),
        ],
    )
}

fn read_timeout_s(environment: &Environment) -> u64 {
    let database = environment.settings.database.options();
    let longest = (database.write_deadline + database.write_time_limit).max(database.read_deadline + database.read_time_limit);
    longest.as_secs() + 10
}

fn listen(port: u16, parameters: &str, ipv6: bool) -> String {
    let mut lines = format!("listen {port}{parameters};\n");
    if ipv6 {
        let _ = writeln!(lines, "listen [::]:{port}{parameters};");
    }
    lines
}

/// Mozilla's lists (5.7), without what needs a file of parameters. No stapling: Let's Encrypt has ended it.
fn tls(min: TlsMin) -> String {
    let versions = match min {
        TlsMin::V1_2 => {
            "ssl_protocols TLSv1.2 TLSv1.3;\n\
             ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
             ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;"
        }
        TlsMin::V1_3 => "ssl_protocols TLSv1.3;",
    };
    format!(
        "{versions}\nssl_ecdh_curve X25519:prime256v1:secp384r1;\nssl_prefer_server_ciphers off;\nssl_session_timeout 1d;\n\
         ssl_session_cache shared:magnetiq_tls:10m;\nssl_session_tickets off;"
    )
}

fn alias_server(deployment: &Deployment, layout: &Layout<'_>, listen_https: &str, certificate: &str) -> String {
    if deployment.aliases.is_empty() {
        return String::new();
    }
    let template = "# The other hosts lead to the one.\nserver {\n    @{listen}\n    server_name @{aliases};\n    access_log @{access_log} magnetiq;\n    \
                    server_tokens off;\n    @{tls}\n    @{certificate}\n    return 301 https://@{domain}$request_uri;\n}\n\n";
    let values = [
        ("listen", listen_https),
        ("aliases", &deployment.aliases.join(" ")),
        ("access_log", layout.access_log),
        ("tls", &tls(deployment.proxy.tls_min)),
        ("certificate", certificate),
        ("domain", &deployment.domain),
    ];
    fill(template, &values)
}

/// Where no proxy of ours is before the page, as in a cluster, the other hosts come through to it.
fn frontend_alias_server(deployment: &Deployment) -> String {
    if deployment.aliases.is_empty() {
        return String::new();
    }
    let (aliases, domain) = (deployment.aliases.join(" "), &deployment.domain);
    format!(
        "# The other hosts lead to the one.\nserver {{\n    listen {PAGE_PORT};\n    server_name {aliases};\n    server_tokens off;\n    access_log off;\n    \
         return 301 https://{domain}$request_uri;\n}}\n\n"
    )
}

/// How long browsers ask by https only.
fn hsts(deployment: &Deployment) -> String {
    let proxy = &deployment.proxy;
    let subdomains = if proxy.hsts_subdomains { "; includeSubDomains" } else { "" };
    format!("max-age={}{subdomains}", u64::from(proxy.hsts_days) * 86_400)
}

/// Room for names of up to 253 characters, only where it is needed: nginx refuses a second such line, which others may have written.
fn long_names(deployment: &Deployment) -> &'static str {
    if deployment.hosts().all(|host| host.len() <= NAME_MAX_BYTES) {
        return "";
    }
    "# Room for long names. Where nginx says that this is there twice, take the other one out.\nserver_names_hash_bucket_size 512;\n\n"
}

/// Said by https alone: by http, browsers take no notice of it.
fn hsts_map(deployment: &Deployment) -> String {
    format!(
        "# Where browsers go the next time. An empty header is left out.\nmap $http_x_forwarded_proto $magnetiq_hsts {{\n    default \"\";\n    https \"{}\";\n}}\n\n",
        hsts(deployment)
    )
}

fn to_https(deployment: &Deployment) -> String {
    format!(
        "add_header Strict-Transport-Security $magnetiq_hsts always;\n\n\
         # Everybody to https, as what stands before it says how they came. Who asks from inside says nothing.\n\
         if ($http_x_forwarded_proto = http) {{\n    return 301 https://{}$request_uri;\n}}\n",
        deployment.domain
    )
}

fn real_ip(networks: &[String]) -> String {
    if networks.is_empty() {
        return "# Nothing stands before it.\n".to_owned();
    }
    let trusted: String = networks.iter().fold(String::new(), |text, network| text + &format!("set_real_ip_from {network};\n"));
    format!("{trusted}real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n")
}

/// One variable for each header, which is empty where the answer has the header already: nginx leaves out an empty one.
fn header_maps() -> String {
    PAGE_HEADERS.iter().fold(String::new(), |text, (name, value)| {
        let variable = name.replace('-', "_");
        text + &format!("map $upstream_http_{variable} $magnetiq_{variable} {{\n    default \"\";\n    \"\" \"{value}\";\n}}\n")
    })
}

fn add_headers() -> String {
    PAGE_HEADERS
        .iter()
        .fold(String::new(), |text, (name, _)| text + &format!("add_header {name} $magnetiq_{} always;\n", name.replace('-', "_")))
}

/// How requests get to others.
struct Reach<'a> {
    version: Version,
    resolver: Option<&'a str>,
}

impl Reach<'_> {
    /// Whether hosts are looked up for each request, for want of better: then no connection is kept.
    fn looks_up_each_time(&self) -> bool {
        self.resolver.is_some() && self.version < UPSTREAM_RESOLVE
    }

    fn upstreams(&self, hosts: &[&Host]) -> String {
        let resolver = self
            .resolver
            .map(|resolver| {
                format!("# A new container has a new address, which is looked for each second.\nresolver {resolver} valid=1s ipv6=off;\n")
            })
            .unwrap_or_default();
        if self.looks_up_each_time() {
            return format!("# This version looks up hosts only at its start, unless a variable names them.\n{resolver}");
        }
        let resolve = if self.resolver.is_some() { " resolve" } else { "" };
        hosts.iter().fold(resolver, |text, Host { name, address }| {
            text + &format!(
                "upstream magnetiq_{name} {{\n    zone magnetiq_{name} 64k;\n    server {address}{resolve} max_fails=0;\n    keepalive 32;\n}}\n"
            )
        })
    }

    fn pass(&self, host: &Host) -> String {
        if self.looks_up_each_time() {
            return format!("set $magnetiq_{} {};\nproxy_pass http://$magnetiq_{};", host.name, host.address, host.name);
        }
        format!("proxy_pass http://magnetiq_{};", host.name)
    }
}
