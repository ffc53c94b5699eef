//! nginx, as text.

use crate::objects::Objects;
use crate::scenarios::{ALL, EXAMPLE, OTHER, rendered};

fn confs(scenario: &str) -> Vec<(String, String)> {
    let files = rendered(scenario);
    let confs = files.iter().filter(|(path, _)| path.ends_with(".conf") && path.contains("nginx"));
    confs.map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}

fn get(scenario: &str, path: &str) -> String {
    rendered(scenario).get(path).unwrap().to_owned()
}

/// One `add_header` in a location would drop all others there.
#[test]
fn headers_are_added_in_servers_only() {
    for (name, text) in ALL {
        for (path, conf) in confs(text) {
            let mut depth = 0_usize;
            for line in conf.lines() {
                assert!(depth < 3 || !line.trim().starts_with("add_header"), "{name}: {path}: {line}");
                let inner = line.trim_end().ends_with('{') && (line.trim().starts_with("location") || line.trim().starts_with("if"));
                depth = if inner {
                    3
                } else if line.trim() == "}" {
                    0
                } else {
                    depth
                };
            }
        }
    }
}

#[test]
fn the_words_of_the_version() {
    let (new, old) = (get(EXAMPLE, "compose/nginx/proxy.conf"), get(OTHER, "compose/nginx/proxy.conf"));
    assert!(new.contains("http2 on;") && !new.contains("ssl http2"), "{new}");
    assert!(old.contains("listen 8443 ssl http2;") && !old.contains("http2 on;"), "{old}");
    assert!(new.contains("server backend:3036 resolve") && new.contains("keepalive 32;"), "{new}");
    assert!(old.contains("set $magnetiq_backend backend:4036;") && old.contains("resolver 127.0.0.11"), "{old}");
}

#[test]
fn tls_is_mozillas_and_nothing_is_stapled() {
    for (name, text) in ALL {
        for (path, conf) in confs(text).into_iter().filter(|(_, conf)| conf.contains("ssl")) {
            let is_modern = text.contains("tls_min = \"1.3\"");
            assert!(conf.contains(if is_modern { "ssl_protocols TLSv1.3;" } else { "ssl_protocols TLSv1.2 TLSv1.3;" }), "{name}: {path}");
            assert!(!conf.contains("ssl_stapling") && !conf.contains("CBC"), "{name}: {path}");
            assert_eq!(conf.matches("ssl_reject_handshake on;").count(), 1, "{name}: {path}");
        }
    }
}

/// That it reads a long one, the journey of certificates shows. Told without need, it could be told twice on a machine of others.
#[test]
fn nginx_is_told_of_long_names_and_of_no_others() {
    let telling = |domain: &str| {
        let site = OTHER.replace("club.example.org", domain);
        let maps = Objects::of(&site, "k8s/");
        let cluster = maps.of_kind("ConfigMap").find_map(|map| map["data"]["nginx.conf"].as_str()).unwrap().to_owned();
        let texts: Vec<String> =
            confs(&site).into_iter().map(|(_, conf)| conf).chain([cluster]).filter(|conf| conf.contains("server_name")).collect();
        let told = texts.iter().filter(|conf| conf.lines().any(|line| line.trim() == "server_names_hash_bucket_size 512;"));
        (told.count(), texts.len())
    };
    let of = |length: usize| format!("{}.example.org", "a".repeat(length - ".example.org".len()));
    let (told, all) = telling(&of(46));
    assert_eq!((told, all > 4), (0, true), "{all}");
    let (told, all) = telling(&of(47));
    assert_eq!(told, all);
}

/// What a client says about who it is, is not passed on.
#[test]
fn who_asked_cannot_be_forged() {
    for (name, text) in ALL {
        for (path, conf) in confs(text) {
            assert!(!conf.contains("proxy_add_x_forwarded_for"), "{name}: {path}");
            assert!(conf.contains("proxy_set_header X-Forwarded-For $remote_addr;"), "{name}: {path}");
        }
        let conf = get(text, "compose/nginx/proxy.conf");
        assert_eq!(conf.contains("set_real_ip_from 173.245.48.0/20;"), text.contains("173.245.48.0/20"), "{name}");
    }
}

#[test]
fn limits_are_those_of_the_settings() {
    let conf = get(OTHER, "compose/nginx/proxy.conf");
    assert!(conf.contains(&format!("client_max_body_size {};", 1_048_576 + 64 * 1024)), "{conf}");
    assert!(conf.contains("max-age=63072000; includeSubDomains"), "{conf}");
}

/// Clusters call their DNS and their domain as they like; the system knows both.
#[test]
fn a_cluster_finds_the_server_by_its_short_name() {
    for (name, text) in ALL {
        let maps = Objects::of(text, "k8s/");
        let conf = maps.of_kind("ConfigMap").find_map(|map| map["data"]["nginx.conf"].as_str()).unwrap();
        let port = crate::scenarios::deployment(text).environments.kubernetes.settings.server.port;
        assert!(conf.contains(&format!("server backend:{port} max_fails=0;")), "{name}: {conf}");
        assert!(!conf.contains("resolver") && !conf.contains("cluster.local"), "{name}: {conf}");
    }
}

/// Between visitors and the page is nothing of ours in a cluster; elsewhere the proxy has done it.
#[test]
fn who_comes_first_leads_to_https_and_keeps_visitors_there() {
    for (name, text) in ALL {
        let domain = crate::scenarios::deployment(text).domain;
        let to_https = format!("if ($http_x_forwarded_proto = http) {{\n            return 301 https://{domain}$request_uri;");
        let stays = "add_header Strict-Transport-Security $magnetiq_hsts always;";
        let proxy = get(text, "compose/nginx/proxy.conf");
        let max_age = proxy
            .lines()
            .find_map(|line| line.trim().strip_prefix("add_header Strict-Transport-Security ")?.strip_suffix(" always;"))
            .unwrap();
        let maps = Objects::of(text, "k8s/");
        let cluster = maps.of_kind("ConfigMap").find_map(|map| map["data"]["nginx.conf"].as_str()).unwrap();
        assert!(cluster.contains(&to_https) && cluster.contains(stays), "{name}: {cluster}");
        assert!(
            cluster.contains(&format!("default \"\";\n        https {max_age};")),
            "{name}: by https alone, as the proxy has it: {cluster}"
        );
        for path in ["compose/nginx/frontend.conf", "docker/frontend/nginx.conf"] {
            let under = get(text, path);
            assert!(!under.contains("magnetiq_hsts") && !under.contains("$http_x_forwarded_proto"), "{name}: {path}");
        }
    }
}
