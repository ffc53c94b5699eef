//! An S3 that is slow, absent, cut off, or lies: a push succeeds after trying again or says what is wrong, and never records a copy as
//! verified that is none.

use std::fs;
use std::time::Duration;

use magnetiq_backup::remote::{Target, TargetOptions, Verify};
use magnetiq_backup::{Backups, Entry, Error, Which};

use super::moto::Moto;
use super::proxy::{Fault, Proxy, Request};
use super::{keys, large_site, linked, options};
use crate::support::{Site, create, names};

struct Broken {
    moto: Moto,
    proxy: Proxy,
    url: String,
    site: Site,
    backups: Backups,
    entry: Entry,
}

impl Broken {
    /// A bucket behind a proxy, and a backup to push: an archive of four parts, or one with linked media.
    fn new(with_linked: bool) -> Option<Self> {
        let moto = Moto::start()?;
        let proxy = Proxy::start(&moto.address);
        let url = moto.bucket("shop");
        let site = large_site();
        let backups = if with_linked { linked(&site) } else { site.backups() };
        let entry = create(&backups);
        Some(Self { moto, proxy, url, site, backups, entry })
    }

    fn options(&self) -> TargetOptions {
        keys(options(&self.url)).endpoint(&self.proxy.url)
    }

    fn push(&self, options: TargetOptions) -> Result<(), Error> {
        let copy = Target::new(options).unwrap().push(&self.backups, &self.entry, &mut |_| ())?;
        assert!(copy.verified);
        Ok(())
    }

    /// Asked without the proxy, the target has all of the backup; or nothing that is listed, and nothing is recorded here.
    fn check(&self, is_there: bool) {
        let target = Target::new(keys(options(&self.url)).endpoint(self.moto.url())).unwrap();
        let listed = target.list().unwrap();
        let copies = self.backups.find(&Which::Latest).unwrap().record.copies;
        assert_eq!((listed.len(), copies.len()), (usize::from(is_there), usize::from(is_there)));
        for entry in listed {
            target.verify(&entry, Verify::Read, &mut |_| ()).unwrap();
        }
    }

    fn journals(&self) -> Vec<String> {
        let folder = self.site.path("backups/.uploads/offsite");
        if folder.exists() { names(&folder) } else { Vec::new() }
    }
}

fn is_part(request: &Request) -> bool {
    request.method == "PUT" && request.target.contains("partNumber=")
}

/// A kind of request, and how it is told from others.
type Case = (&'static str, fn(&Request) -> bool);

/// Always the same for the same seed.
fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    }
}

#[test]
fn a_server_that_breaks_now_and_then() {
    for seed in 1..=4 {
        let Some(broken) = Broken::new(seed % 2 == 0) else { return };
        let mut random = random(seed);
        broken.proxy.breaks(move |request| {
            let at = usize::try_from(random(request.body_bytes as u64 + 400)).unwrap();
            match random(20) {
                0 => Fault::Hangup,
                1 => Fault::CutRequest(at),
                2 => Fault::CutAnswer(at),
                3 => Fault::Status(500),
                4 => Fault::Status(503),
                _ => Fault::None,
            }
        });
        broken.push(broken.options().retry_for(Duration::from_mins(1))).unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
        broken.check(true);
    }
}

#[test]
fn a_server_that_hangs() {
    let Some(broken) = Broken::new(false) else { return };
    let mut left = 2;
    broken.proxy.breaks(move |request| {
        if left > 0 && is_part(request) {
            left -= 1;
            return Fault::Stall;
        }
        Fault::None
    });
    broken.push(broken.options().request_time_limit(Duration::from_secs(5)).retry_for(Duration::from_mins(2))).unwrap();
    broken.check(true);
}

#[test]
fn a_server_that_is_not_there() {
    let Some(broken) = Broken::new(true) else { return };
    for fault in [Fault::Hangup, Fault::Status(500), Fault::Status(403)] {
        broken.proxy.breaks(move |_| fault);
        let error = broken.push(broken.options().retry_for(Duration::from_secs(1))).unwrap_err();
        assert!(matches!(&error, Error::Target { target, .. } if target == "offsite"), "{fault:?}: {error:?}");
        broken.check(false);
    }
    // It comes back while we wait.
    let mut left = 6;
    broken.proxy.breaks(move |_| {
        left -= i32::from(left > 0);
        if left > 0 { Fault::Hangup } else { Fault::None }
    });
    broken.push(broken.options()).unwrap();
    broken.check(true);
}

#[test]
fn an_upload_goes_on_where_it_ended() {
    let Some(broken) = Broken::new(false) else { return };
    let parts = broken.entry.size_bytes().div_ceil(5 << 20);
    assert!(parts >= 4);
    broken.proxy.breaks(|request| if request.target.contains("partNumber=3") { Fault::Status(500) } else { Fault::None });
    broken.push(broken.options().retry_for(Duration::from_secs(1))).unwrap_err();
    broken.check(false);
    assert_eq!(broken.journals().len(), 1);

    let count = |proxy: &Proxy| proxy.seen().iter().filter(|request| is_part(request)).count() as u64;
    broken.proxy.breaks(|_| Fault::None);
    broken.push(broken.options()).unwrap();
    assert!(count(&broken.proxy) < parts, "{} of {parts} were sent again", count(&broken.proxy));
    assert_eq!(broken.journals().len(), 0);
    broken.check(true);
}

#[test]
fn an_upload_that_the_server_forgot_begins_anew() {
    let Some(broken) = Broken::new(false) else { return };
    broken.proxy.breaks(|request| if request.target.contains("partNumber=4") { Fault::Status(500) } else { Fault::None });
    broken.push(broken.options().retry_for(Duration::from_secs(1))).unwrap_err();
    let journal = broken.site.path("backups/.uploads/offsite").join(&broken.journals()[0]);
    let text = fs::read_to_string(&journal).unwrap();
    let id = serde_json::from_str::<serde_json::Value>(&text).unwrap()["upload_id"].as_str().unwrap().to_owned();
    for changed in [text.replace(&id, "unknown"), "no journal".to_owned()] {
        fs::create_dir_all(journal.parent().unwrap()).unwrap();
        fs::write(&journal, changed).unwrap();
        // As S3 answers; moto says 500.
        broken.proxy.breaks(|request| if request.target.contains("uploadId=unknown") { Fault::Status(404) } else { Fault::None });
        broken.push(broken.options()).unwrap();
        broken.check(true);
    }
}

#[test]
fn an_upload_that_nobody_wants_any_more_is_given_up_when_the_server_lets_us() {
    let Some(broken) = Broken::new(false) else { return };
    broken.proxy.breaks(|request| if request.target.contains("partNumber=3") { Fault::Status(500) } else { Fault::None });
    broken.push(broken.options().retry_for(Duration::from_secs(1))).unwrap_err();
    let target = Target::new(broken.options()).unwrap();
    assert!(broken.backups.has_begun_copy(&broken.entry, target.name()));
    fs::remove_file(&broken.entry.path).unwrap();
    broken.site.wait(60);
    fs::remove_file(broken.site.path("media/ef/film.mp4")).unwrap();
    let small = create(&broken.backups);
    broken.proxy.breaks(|request| if request.method == "DELETE" { Fault::Status(403) } else { Fault::None });
    target.push(&broken.backups, &small, &mut |_| ()).unwrap();
    assert_eq!(broken.journals().len(), 1, "its parts are there, and paid for");
    broken.proxy.breaks(|_| Fault::None);
    target.push(&broken.backups, &small, &mut |_| ()).unwrap();
    assert_eq!(broken.journals().len(), 0);
}

#[test]
fn a_server_that_lies() {
    let cases: [Case; 6] = [
        ("a part", |request| is_part(request) && request.target.contains("partNumber=2")),
        ("the end of an upload", |request| request.method == "POST" && request.target.contains("uploadId=")),
        ("an archive", |request| request.method == "PUT" && request.target.ends_with(".tar.gz")),
        ("a record", |request| request.method == "PUT" && request.target.ends_with(".proof.json")),
        ("a list of media", |request| request.method == "PUT" && request.target.ends_with(".media.txt")),
        ("a media file", |request| request.method == "PUT" && request.target.contains("/media/")),
    ];
    for (what, is_it) in cases {
        for fault in [Fault::Lie, Fault::Flip] {
            // An archive in one piece and linked media, or one in parts.
            let in_parts = what.contains("part") || what.contains("upload");
            let Some(broken) = Broken::new(!in_parts) else { return };
            if fault == Fault::Flip && what.contains("upload") {
                continue;
            }
            broken.proxy.breaks(move |request| if is_it(request) { fault } else { Fault::None });
            let error = broken.push(broken.options().retry_for(Duration::from_secs(1))).unwrap_err();
            assert!(matches!(error, Error::TargetDiffers { .. } | Error::Target { .. }), "{what}, {fault:?}: {error:?}");
            let copies = broken.backups.find(&Which::Latest).unwrap().record.copies;
            assert_eq!(copies, [], "{what}, {fault:?}");
            assert!(broken.proxy.seen().iter().any(is_it), "{what} was never sent");

            broken.proxy.breaks(|_| Fault::None);
            broken.push(broken.options()).unwrap_or_else(|error| panic!("{what}, {fault:?}, told the truth: {error:?}"));
            broken.check(true);
        }
    }
}
