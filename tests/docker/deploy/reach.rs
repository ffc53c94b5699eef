//! A target that has no room, and one that is out of reach in the middle of a deployment.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};

use super::killed::begins;
use super::site::Site;

/// What a backup needs is found to be missing before anything is done.
pub(super) fn no_room_for_the_backup(site: &Site) {
    let fill = "head -c 210000000 /dev/zero >/var/lib/magnetiq/backups/fill; true";
    site.exec("backupd", &["sh", "-c", fill]);
    let before = site.history().len();
    let said = site.ends(&mut site.deploy(2), 1);
    assert!(said.contains("preflight: a backup would not find room there") && said.contains("backupd prune"), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(site.history().len(), before, "it is no attempt");
    site.exec("backupd", &["rm", "/var/lib/magnetiq/backups/fill"]);
}

/// The connection to the engine is cut while `step` is done, and comes back.
pub(super) fn out_of_reach_in_the_middle(site: &Site, step: &str) {
    let (release, version) = (site.release(), if step == "backup" { 2 } else { 3 });
    let road = Road::build();
    let deploy = || {
        let mut command = site.deploy(version);
        command.env("DOCKER_HOST", format!("tcp://{}", road.address));
        command
    };
    site.under_writers(|| {
        let mut first = deploy();
        std::thread::scope(|scope| {
            let ended = scope.spawn(|| site.ends(&mut first, 1));
            begins(site, step);
            road.cut();
            let said = ended.join().unwrap();
            assert!(said.contains("the target is out of reach") && said.contains("goes on where it was"), "{said}");
        });
        // Still away: it says so, and waits for nobody.
        let said = site.ends(&mut deploy(), 1);
        assert!(said.contains("docker") && !said.contains("runs, as before"), "{said}");
        road.open();
        let said = site.ends(&mut deploy(), 0);
        assert!(said.contains("going on with deployment") && !said.contains(" for 0.000 s, "), "{said}");
    });
    assert_ne!(site.release(), release);
    site.check_ended("live");
    site.nothing_is_lost();
}

/// A way to the engine that can be cut, as one by ssh can.
struct Road {
    address: String,
    /// Both ends of what goes over it; `None` while it is cut.
    open: Arc<Mutex<Option<Ends>>>,
}

/// Of each connection, the end of the client and that of the engine.
type Ends = Vec<(TcpStream, UnixStream)>;

impl Road {
    fn build() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let kept = Arc::clone(&open);
        // It ends with the test.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                if let Some(open) = kept.lock().unwrap().as_mut() {
                    let engine = UnixStream::connect("/var/run/docker.sock").unwrap();
                    let (mut from, mut to) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                    let (mut back_from, mut back_to) = (engine.try_clone().unwrap(), client.try_clone().unwrap());
                    open.push((client, engine));
                    std::thread::spawn(move || {
                        let _ = copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                    std::thread::spawn(move || {
                        let _ = copy(&mut back_from, &mut back_to);
                        let _ = back_to.shutdown(Shutdown::Write);
                    });
                }
            }
        });
        Self { address, open }
    }

    fn cut(&self) {
        for (client, engine) in self.open.lock().unwrap().take().unwrap() {
            // One that has ended is closed already.
            let _ = client.shutdown(Shutdown::Both);
            let _ = engine.shutdown(Shutdown::Both);
        }
    }

    fn open(&self) {
        *self.open.lock().unwrap() = Some(Vec::new());
    }
}
