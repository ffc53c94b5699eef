//! A machine without containers: Debian with systemd as its first process, in a container of its own.

use std::{fs, path::Path};

use magnetiq_tests::{api_server, backupd, healthd};
use tempfile::TempDir;

use crate::engine::{Engine, done, refused, said, unique_name, until, xtask};

const DOMAIN: &str = "www.example.org";
const UNITS: [&str; 3] = ["magnetiq-server", "magnetiq-backup", "magnetiq-health"];
/// A unit that uses what somebody knows: secrets/mail-smtp-password has to be given.
const DEPLOY: &str = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[proxy]\nversion = \"1.22\"\nipv6 = false\n\
                      [settings.mail]\nsmtp_host = \"smtp.example.org\"\nsmtp_user = \"site@example.org\"\nfrom = \"site@example.org\"\n";

struct Machine {
    engine: Engine,
    name: String,
    /// The rendered files, which the machine has at /root/deploy.
    _folder: TempDir,
}

impl Machine {
    fn start(engine: &Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("deploy.toml"), DEPLOY).unwrap();
        let mut manifests = xtask(&["manifests", "--target", "systemd"]);
        done(manifests.arg("--deploy").arg(folder.path().join("deploy.toml")).arg("--out").arg(folder.path()));
        let name = format!("{}-machine", unique_name());
        let mut run = engine.docker(&["run", "--detach", "--name", &name, "--env", "container=docker"]);
        // What systemd needs to start services as on a machine of its own, and no more: the kernel's settings stay those of this machine.
        run.args(["--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE"]);
        run.args(["--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined"]);
        run.args(["--cgroupns", "host", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--tmpfs", "/run", "--tmpfs", "/run/lock"]);
        let mount = |from: &Path, to: &str| format!("{}:{to}:ro", from.display());
        run.args(["--volume", &mount(folder.path(), "/root/deploy")]);
        for program in [api_server(), backupd(), healthd()] {
            let to = format!("/usr/local/bin/{}", program.file_name().unwrap().display());
            run.args(["--volume", &mount(program, &to)]);
        }
        let machine = Self { engine: engine.clone(), name, _folder: folder };
        // As a machine has it: what is mounted for a service, such as its secrets, is seen by it.
        done(run.args([&engine.base, "sh", "-c", "mount --make-rshared / && exec /sbin/init"]));
        machine.wait_until_started();
        machine
    }

    fn wait_until_started(&self) {
        until(|| {
            let state = said(&self.command("systemctl is-system-running").output().unwrap());
            if ["running", "degraded"].contains(&state.trim()) { Ok(()) } else { Err(format!("systemd is {state}")) }
        });
    }

    fn command(&self, script: &str) -> std::process::Command {
        self.engine.docker(&["exec", &self.name, "sh", "-ec", script])
    }

    /// What a person would type there.
    #[track_caller]
    fn sh(&self, script: &str) -> String {
        done(&mut self.command(script))
    }

    #[track_caller]
    fn until_it_answers(&self) {
        let ask = format!("curl --silent --show-error --fail --insecure --resolve {DOMAIN}:443:127.0.0.1 https://{DOMAIN}/");
        let page = until(|| {
            let asked = self.command(&ask).output().unwrap();
            if asked.status.success() { Ok(said(&asked)) } else { Err(format!("{}{}", said(&asked), self.journal())) }
        });
        assert!(page.contains("<!doctype html>"), "{page}");
        for unit in UNITS {
            until(|| {
                let state = said(&self.command(&format!("systemctl is-active {unit}")).output().unwrap());
                if state.trim() == "active" { Ok(()) } else { Err(format!("{unit} is {state}{}", self.journal())) }
            });
        }
    }

    fn journal(&self) -> String {
        said(&self.command("journalctl --no-pager --lines 60").output().unwrap())
    }

    fn certificate(&self) {
        self.sh(&format!(
            "mkdir -p /etc/letsencrypt/live/{DOMAIN} && cd /etc/letsencrypt/live/{DOMAIN} && openssl req -x509 -newkey ec -pkeyopt \
             ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN={DOMAIN} -addext subjectAltName=DNS:{DOMAIN} -keyout privkey.pem -out \
             fullchain.pem 2>/dev/null"
        ));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.engine.docker(&["rm", "--force", "--volumes", &self.name]).output();
    }
}

#[test]
fn a_machine_without_containers_is_installed_and_lives_on() {
    let Some(engine) = Engine::find() else { return };
    let machine = Machine::start(&engine);
    let install = "sh /root/deploy/systemd/install.sh";
    let missing = refused(&mut machine.command(install));
    assert!(missing.contains("missing: /etc/magnetiq/secrets/mail-smtp-password, the value of mail.smtp_password"), "{missing}");
    assert_eq!(machine.sh("ls /etc/systemd/system/multi-user.target.wants | grep -c magnetiq || true").trim(), "0", "nothing is started");
    machine.sh("umask 077; echo a-password > /etc/magnetiq/secrets/mail-smtp-password");
    machine.sh(&format!("{install} --no-start"));
    assert_eq!(machine.sh("systemctl list-units --all --plain --no-legend 'magnetiq-*' | wc -l").trim(), "0", "nothing is started");
    // What a person brings from elsewhere is put in place before anything starts.
    machine.sh("as-site api-server migrate && as-site backupd once");
    let told = done(&mut machine.command(&format!("{install} 2>&1")));
    assert!(told.contains("certbot certonly --cert-name www.example.org --webroot"), "{told}");
    machine.until_it_answers();
    units_may_do_nothing_else(&machine);
    commands_are_given_by_hand(&machine);

    let secrets = "cd /etc/magnetiq/secrets && sha256sum * && stat -c '%a %U' * | sort -u";
    let before = machine.sh(secrets);
    assert!(before.ends_with("600 root\n"), "{before}");
    machine.sh(install);
    assert_eq!(machine.sh(secrets), before, "again, and nothing is lost");

    for unit in UNITS {
        let pid = format!("systemctl show --property MainPID --value {unit}");
        let before = machine.sh(&pid);
        machine.sh(&format!("systemctl kill --signal KILL {unit}"));
        until(|| Some(machine.sh(&pid)).filter(|now| *now != before && now.trim() != "0").ok_or_else(|| machine.journal()));
        machine.until_it_answers();
    }
    certificates_are_taken_up_when_they_are_right(&machine);
    machine.sh("logrotate --force /etc/logrotate.d/magnetiq && ls /var/log/magnetiq/nginx.log.1 && nginx -t -q");
    until(|| {
        machine.until_it_answers();
        let grows = machine.command("test -s /var/log/magnetiq/nginx.log").status().unwrap().success();
        if grows { Ok(()) } else { Err(machine.sh("ls -l /var/log/magnetiq; tail -n 5 /var/log/nginx/error.log")) }
    });

    done(&mut engine.docker(&["restart", "--time", "60", &machine.name]));
    machine.wait_until_started();
    machine.until_it_answers();
}

fn units_may_do_nothing_else(machine: &Machine) {
    for unit in UNITS {
        let status = machine.sh(&format!("cat /proc/$(systemctl show --property MainPID --value {unit})/status"));
        let value = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap().to_owned();
        assert_eq!((value("CapEff:").as_str(), value("NoNewPrivs:").as_str(), value("Seccomp:").as_str()), ("0000000000000000", "1", "2"));
        assert!(!value("Uid:").starts_with('0'), "{unit} is root");
        let environment = machine.sh(&format!("tr '\\0' '\\n' < /proc/$(systemctl show --property MainPID --value {unit})/environ"));
        assert!(!environment.contains("a-password"), "{environment}");
        // Only who sends mail is told where the password of its server lies.
        assert_eq!(environment.contains("MAGNETIQ__MAIL__SMTP_PASSWORD_FILE="), unit == "magnetiq-server", "{unit}: {environment}");
    }
}

/// With the settings and the secrets of the units, which a shell does not have.
fn commands_are_given_by_hand(machine: &Machine) {
    assert!(machine.sh("as-site backupd list").contains("proven"));
    machine.sh("as-site backupd once --reason pre-deploy");
    machine.sh("as-site api-server admin list");
    machine.sh("as-site healthd check --url http://127.0.0.1:3036/readyz");
    let doctor = machine.sh("as-site api-server doctor --only settings,secrets,ports,database,lock,migrations,folders,server");
    assert!(doctor.contains("0 errors"), "{doctor}");
    let said = refused(&mut machine.command("as-site backupd restore latest --yes"));
    assert!(said.contains("is open in api-server"), "{said}");
    machine.sh("systemctl stop magnetiq-server && as-site backupd restore latest --yes && as-site backupd restore --undo --yes");
    machine.sh("systemctl restart magnetiq-backup magnetiq-health");
    assert_eq!(machine.sh("systemctl is-active magnetiq-server || true"), "inactive\n", "none starts what somebody stopped");
    machine.sh("as-site api-server secrets plan && systemctl start magnetiq-server");
    machine.until_it_answers();
    let told = machine.sh("as-site env");
    assert!(told.contains("MAGNETIQ__MAIL__SMTP_PASSWORD=a-password\n"), "{told}");
    assert_eq!(machine.sh("as-site id -un; find /var/lib/magnetiq ! -user magnetiq | wc -l"), "magnetiq\n0\n");
    let said = refused(&mut machine.command("setpriv --reuid=nobody --clear-groups as-site backupd list"));
    assert!(said.contains("sudo as-site backupd list"), "{said}");
}

/// What certbot starts after each renewal.
fn certificates_are_taken_up_when_they_are_right(machine: &Machine) {
    let hook = "sh /etc/letsencrypt/renewal-hooks/deploy/magnetiq.sh";
    let serial =
        format!("openssl s_client -connect 127.0.0.1:443 -servername {DOMAIN} </dev/null 2>/dev/null | openssl x509 -noout -serial");
    let before = machine.sh(&serial);
    assert!(machine.sh("openssl x509 -in /etc/magnetiq/tls/live/fullchain.pem -noout -issuer").contains("first"), "one to begin with");
    machine.certificate();
    machine.sh(hook);
    let after = until(|| Some(machine.sh(&serial)).filter(|now| *now != before).ok_or_else(|| machine.journal()));
    machine.sh(&format!(
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out /etc/letsencrypt/live/{DOMAIN}/privkey.pem"
    ));
    let said = refused(&mut machine.command(hook));
    assert!(said.contains("the key does not belong to the certificate"), "{said}");
    assert_eq!(machine.sh(&serial), after, "nginx keeps the one before");
    machine.sh("systemctl restart nginx");
    assert_eq!(machine.sh(&serial), after, "also when it is started anew");
    machine.certificate();
    machine.sh(hook);
}
