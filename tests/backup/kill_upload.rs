//! `kill -9` while a backup is copied elsewhere: what is listed there is whole, and the next run brings the rest.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use magnetiq_tests::Random;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    kill::Hits,
    proof::{seed, skip},
    site::{Site, files, kill, moment},
};

#[test]
fn a_killed_copy_to_a_folder_is_not_listed_there() {
    folder_rounds(10);
}

#[test]
fn a_killed_copy_to_a_bucket_is_not_listed_there() {
    bucket_rounds(10);
}

#[test]
#[ignore = "long: cargo xtask test --soak"]
fn soak_killed_copies() {
    folder_rounds(100);
    bucket_rounds(100);
}

/// What lies at a target: the bytes of each file.
type Files = BTreeMap<String, Vec<u8>>;

fn folder(site: &Site) -> Files {
    let usb = site.path("usb");
    files(&usb).into_iter().map(|path| (path.strip_prefix(&usb).unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
}

fn folder_rounds(count: u64) {
    let site = |random: &mut Random| {
        let site = Site::new(random, "");
        fs::create_dir(site.path("usb")).unwrap();
        site.settings(&format!("[backup.retention]\ndaily = 1\n[backup.targets.usb]\nurl = \"file://{}\"", site.path("usb").display()));
        site
    };
    rounds(count, site, folder);
}

fn rounds(count: u64, site: impl Fn(&mut Random) -> Site, there: impl Fn(&Site) -> Files) {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut site = site(&mut random);
    // The first has more to copy than those that follow.
    let time = site.time(&["once"]).min(site.time(&["once"]));
    let mut hits = Hits::default();
    for round in 0..count {
        site.write(20, 2);
        let after = moment(hits.within(time), &mut random);
        let about = format!("seed {seed}, round {round}, killed after {after:?}");
        hits.kill(&site, &["once"], after);
        check(&there(&site), &about);
        let ended = site.run(&["once"]);
        assert_eq!(ended.code, Some(0), "{about}: {ended:?}");
        let found = there(&site);
        check(&found, &about);
        let newest = &site.list()[0];
        assert!(!newest["copies"].as_array().unwrap().is_empty(), "{about}: {newest:#}");
        let record = format!("magnetiq-{}.proof.json", newest["id"].as_str().unwrap());
        assert!(found.keys().any(|name| name.ends_with(&record)), "{about}: {record} is not there");
    }
    hits.check("copies");
}

/// A backup is there when its record is: then its archive is whole, and every file of media that it names.
#[track_caller]
fn check(there: &Files, about: &str) {
    let ending = |name: &str| there.iter().find(|(found, _)| found.ends_with(name)).map(|(_, body)| body);
    for (name, record) in there.iter().filter(|(name, _)| name.ends_with(".proof.json")) {
        let record: Value = serde_json::from_slice(record).unwrap_or_else(|error| panic!("{about}: {name}: {error}"));
        let file = record["archive"]["file"].as_str().unwrap();
        let archive = ending(file).unwrap_or_else(|| panic!("{about}: {name} is there without {file}"));
        assert_eq!(record["archive"]["sha256"], hex::encode(Sha256::digest(archive)), "{about}: {file} is another");
    }
    for (name, body) in there.iter().filter(|(name, _)| name.contains("media/")) {
        let hash = hex::encode(Sha256::digest(body));
        let digits: String = name.rsplit("media/").next().unwrap().chars().filter(char::is_ascii_hexdigit).collect();
        assert!(digits.starts_with(&hash[..60]), "{about}: {name} holds something else");
    }
}

/// An S3 server of its own, which goes with this.
struct Bucket {
    server: Child,
    port: u16,
}

impl Bucket {
    fn start() -> Option<Self> {
        let port = magnetiq_tests::free_port();
        let environment = magnetiq_config::environment();
        let program = environment.get("MAGNETIQ_TEST_MOTO").map_or("moto_server", String::as_str);
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(server) = command.spawn() else {
            skip("no moto_server, which is the S3 server of the tests");
            return None;
        };
        let bucket = Self { server, port };
        for _ in 0..300 {
            if ureq::put(bucket.url("")).send_empty().is_ok() {
                return Some(bucket);
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("moto_server does not answer");
    }

    fn url(&self, key: &str) -> String {
        format!("http://127.0.0.1:{}/site/{key}", self.port)
    }

    fn files(&self) -> Files {
        // It believes who somebody says to be.
        let identity = "AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        let get = |url: String| ureq::get(url).header("Authorization", identity).call().unwrap();
        let list = get(format!("{}?list-type=2&max-keys=1000", self.url(""))).body_mut().read_to_string().unwrap();
        let keys = list.split("<Key>").skip(1).map(|part| part.split('<').next().unwrap().to_owned());
        keys.map(|key| {
            let body = get(self.url(&key)).body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
            (key, body)
        })
        .collect()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        kill(&mut self.server);
    }
}

fn bucket_rounds(count: u64) {
    let Some(bucket) = Bucket::start() else { return };
    let settings = format!(
        "[backup.retention]\ndaily = 1\n[backup.targets.offsite]\nurl = \"s3://site/magnetiq\"\nendpoint = \"http://127.0.0.1:{}\"
region = \"us-east-1\"\naccess_key_id = \"test\"\nsecret_access_key = \"testing-testing\"\nallow_http = true",
        bucket.port
    );
    rounds(count, |random| Site::new(random, &settings), |_| bucket.files());
}
