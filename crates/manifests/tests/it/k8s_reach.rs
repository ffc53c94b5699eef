//! Who reaches whom, and under which certificate: K46 to K57, K71.

use serde_json::{Value, json};

use crate::objects::Fault::{Drop, Set};
use crate::objects::{Objects, check, list, texts};

#[test]
fn k46_k47_nothing_is_allowed_that_is_not_said_but_names() {
    let judge = |objects: &Objects| {
        let denied = objects.get("NetworkPolicy", "default-deny").is_some_and(|it| {
            let spec = &it["spec"];
            spec["podSelector"] == json!({})
                && spec["policyTypes"] == json!(["Ingress", "Egress"])
                && spec["ingress"] == json!([])
                && spec["egress"] == json!([])
        });
        let asked = objects.get("NetworkPolicy", "dns").is_some_and(|it| {
            let ports = list(&it["spec"]["egress"][0]["ports"]);
            ["UDP", "TCP"].iter().all(|protocol| ports.contains(&json!({ "protocol": protocol, "port": 53 })))
        });
        denied && asked
    };
    check(
        "k8s/",
        judge,
        &[
            Drop("NetworkPolicy", "default-deny"),
            Set("NetworkPolicy", "default-deny", "/spec/ingress", json!([{}])),
            Set("NetworkPolicy", "dns", "/spec/egress/0/ports", json!([{ "protocol": "UDP", "port": 53 }])),
        ],
    );
}

/// The ports on which a policy lets somebody in.
fn open_ports(objects: &Objects, component: &Value) -> Vec<Value> {
    let policies =
        objects.of_kind("NetworkPolicy").filter(|it| &it["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == component);
    policies.flat_map(|it| list(&it["spec"]["ingress"])).flat_map(|rule| list(&rule["ports"])).map(|port| port["port"].clone()).collect()
}

#[test]
fn k48_k50_every_service_is_reached_and_from_inside_only() {
    let judge = |objects: &Objects| {
        objects.of_kind("Service").all(|service| {
            let component = &service["spec"]["selector"]["app.kubernetes.io/component"];
            let open = open_ports(objects, component);
            service["spec"]["type"] == "ClusterIP" && list(&service["spec"]["ports"]).iter().any(|port| open.contains(&port["port"]))
        })
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Service", "frontend", "/spec/type", json!("LoadBalancer")),
            Set("NetworkPolicy", "frontend", "/spec/ingress/0/ports/0/port", json!(80)),
            Drop("NetworkPolicy", "backend"),
        ],
    );
}

#[test]
fn k49_outside_is_what_is_public() {
    let judge = |objects: &Objects| {
        let out = objects.of_kind("NetworkPolicy").flat_map(|it| list(&it["spec"]["egress"])).flat_map(|rule| list(&rule["to"]));
        let blocks: Vec<&Value> = out.map(|to| &to["ipBlock"]).filter(|block| block.is_object()).collect();
        !blocks.is_empty()
            && blocks.iter().all(|block| {
                let except = texts(&block["except"]);
                ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"].iter().all(|network| except.contains(network))
            })
    };
    check("k8s/", judge, &[Set("NetworkPolicy", "backend", "/spec/egress/0/to/0/ipBlock/except", json!(["10.0.0.0/8"]))]);
}

/// The public address is that of a load balancer, for which a cluster puts the pod that the load balancer leads to before it asks policies.
#[test]
fn the_watcher_reaches_what_visitors_reach() {
    let judge = |objects: &Objects| {
        let lets_in = objects.get("NetworkPolicy", "frontend").map(|it| &it["spec"]["ingress"][0]["from"][0]);
        let watcher = objects.get("NetworkPolicy", "healthd").map(|it| list(&it["spec"]["egress"])).unwrap_or_default();
        // Where the controller listens is not known here.
        lets_in.is_some_and(|from| from["namespaceSelector"].is_object())
            && watcher.iter().any(|rule| lets_in == Some(&rule["to"][0]) && rule["ports"].is_null())
    };
    let elsewhere = json!([{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "elsewhere" } } }]);
    check(
        "k8s/",
        judge,
        &[
            Set("NetworkPolicy", "healthd", "/spec/egress/1/to", elsewhere),
            Set("NetworkPolicy", "healthd", "/spec/egress/1/ports", json!([{ "protocol": "TCP", "port": 443 }])),
        ],
    );
}

#[test]
fn a_gateway_elsewhere_may_read_the_certificate_and_nothing_else() {
    let judge = |objects: &Objects| {
        let site = objects.of_kind("Namespace").next().map(|it| &it["metadata"]["name"]);
        let secret = objects.get("Certificate", "site").map(|it| &it["spec"]["secretName"]);
        let parents = objects.of_kind("HTTPRoute").flat_map(|it| list(&it["spec"]["parentRefs"])).map(|it| &it["namespace"]);
        let elsewhere: Vec<&Value> = parents.filter(|namespace| Some(*namespace) != site).collect();
        let grants: Vec<&Value> = objects.of_kind("ReferenceGrant").collect();
        grants.len() == elsewhere.len()
            && grants.iter().zip(&elsewhere).all(|(grant, namespace)| {
                let (from, to) = (list(&grant["spec"]["from"]), list(&grant["spec"]["to"]));
                from.len() == 1
                    && from[0]["kind"] == "Gateway"
                    && &&from[0]["namespace"] == namespace
                    && to.len() == 1
                    && to[0]["kind"] == "Secret"
                    && Some(&to[0]["name"]) == secret
            })
    };
    check(
        "k8s/",
        judge,
        &[
            Drop("ReferenceGrant", "site-tls"),
            Set("ReferenceGrant", "site-tls", "/spec/to/0/name", Value::Null),
            Set("ReferenceGrant", "site-tls", "/spec/from/0/namespace", json!("other")),
        ],
    );
    // Where it lies in the namespace of the site, nobody needs to be let in.
    let beside = Objects::of(&crate::scenarios::OTHER.replace("gateways/public", "sites/public"), "k8s/");
    assert_eq!((beside.of_kind("HTTPRoute").count(), beside.of_kind("ReferenceGrant").count()), (1, 0));
}

/// Every host that requests come in for.
fn hosts(objects: &Objects) -> Vec<String> {
    let ingress = objects.of_kind("Ingress").flat_map(|it| list(&it["spec"]["rules"])).filter_map(|rule| rule["host"].as_str());
    let routes = objects.of_kind("HTTPRoute").flat_map(|it| texts(&it["spec"]["hostnames"]));
    ingress.chain(routes).map(str::to_owned).collect()
}

#[test]
fn k51_k52_k53_every_host_has_the_certificate() {
    let judge = |objects: &Objects| {
        let certificates: Vec<&Value> = objects.of_kind("Certificate").collect();
        let [certificate] = certificates[..] else { return false };
        let names = texts(&certificate["spec"]["dnsNames"]);
        let hosts = hosts(objects);
        let tls = objects.of_kind("Ingress").all(|ingress| {
            let tls = list(&ingress["spec"]["tls"]);
            let [tls] = tls else { return false };
            let covered = texts(&tls["hosts"]);
            tls["secretName"] == certificate["spec"]["secretName"] && hosts.iter().all(|host| covered.contains(&host.as_str()))
        });
        tls && !hosts.is_empty() && hosts.iter().all(|host| names.contains(&host.as_str()))
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Certificate", "site", "/spec/dnsNames", json!(["other.example.org"])),
            Set("Ingress", "site", "/spec/tls/0/secretName", json!("other")),
            Set("Ingress", "site", "/spec/tls/0/hosts", json!([])),
        ],
    );
}

#[test]
fn k54_k55_k56_k71_the_certificate_is_issued_and_renewed() {
    let judge = |objects: &Objects| {
        let Some(certificate) = objects.of_kind("Certificate").next() else { return false };
        let spec = &certificate["spec"];
        let issuer = objects.of_kind("ClusterIssuer").find(|issuer| issuer["metadata"]["name"] == spec["issuerRef"]["name"]);
        let wildcard = texts(&spec["dnsNames"]).iter().any(|name| name.starts_with("*."));
        let by_dns = issuer.is_some_and(|issuer| issuer["spec"]["acme"]["solvers"][0]["dns01"].is_object());
        let percent = spec["renewBeforePercentage"].as_u64().unwrap_or(0);
        issuer.is_some()
            && objects.of_kind("ClusterIssuer").count() == 2
            && (!wildcard || by_dns)
            && spec["privateKey"]["rotationPolicy"] == "Always"
            && (20..=50).contains(&percent)
            // Days are accepted by the server and not by cert-manager; a fixed time is too long once certificates live for 45 days.
            && spec["renewBefore"].is_null()
            && spec["duration"].is_null()
    };
    check(
        "k8s/",
        judge,
        &[
            Set("Certificate", "site", "/spec/issuerRef/name", json!("letsencrypt")),
            Set("Certificate", "site", "/spec/privateKey/rotationPolicy", json!("Never")),
            Set("Certificate", "site", "/spec/renewBefore", json!("30d")),
            Set("ClusterIssuer", "club-letsencrypt-production", "/spec/acme/solvers/0", json!({ "http01": {} })),
        ],
    );
}

#[test]
fn k57_addresses_stay_as_they_are() {
    let judge = |objects: &Objects| {
        objects.of_kind("Ingress").all(|ingress| ingress["metadata"]["annotations"].is_null())
            && objects.of_kind("HTTPRoute").flat_map(|it| list(&it["spec"]["rules"])).all(|rule| rule["filters"].is_null())
    };
    let rewrite = json!({ "nginx.ingress.kubernetes.io/rewrite-target": "/$1" });
    check("k8s/", judge, &[Set("Ingress", "site", "/metadata/annotations", rewrite)]);
}

#[test]
fn what_tells_how_the_site_is_stays_inside() {
    let judge = |objects: &Objects| {
        let ingress = objects.of_kind("Ingress").flat_map(|it| list(&it["spec"]["rules"])).flat_map(|rule| list(&rule["http"]["paths"]));
        let mut paths: Vec<(String, String)> = ingress
            .filter_map(|it| Some((it["path"].as_str()?.to_owned(), it["backend"]["service"]["name"].as_str()?.to_owned())))
            .collect();
        for rule in objects.of_kind("HTTPRoute").flat_map(|it| list(&it["spec"]["rules"])) {
            let service = rule["backendRefs"][0]["name"].as_str().unwrap_or_default();
            paths.extend(
                list(&rule["matches"]).iter().filter_map(|it| Some((it["path"]["value"].as_str()?.to_owned(), service.to_owned()))),
            );
        }
        !paths.is_empty()
            && paths.iter().all(|(path, service)| {
                service != "healthd" && (service != "backend" || !["/", "/metrics", "/health"].contains(&path.as_str()))
            })
    };
    check("k8s/", judge, &[Set("Ingress", "site", "/spec/rules/0/http/paths/0/path", json!("/metrics"))]);
}
