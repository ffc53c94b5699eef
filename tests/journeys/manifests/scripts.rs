//! What people run on the machine where a site is to be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use magnetiq_tests::Folder;

use super::edge::{said_of, self_signed};
use super::{deployment, long_domain, rendered};

const SITE: &str = "domain = \"www.example.org\"\ncontact = \"ops@example.org\"\n[settings.mail]\nsmtp_host = \"smtp.example.org\"\n\
                    smtp_user = \"site@example.org\"\nfrom = \"site@example.org\"\n";

#[test]
fn secrets_are_made_once_and_those_that_only_you_know_are_asked_for() {
    let folder = Folder::new();
    fs::write(folder.path("secrets.sh"), rendered(&deployment(SITE, "1.30")).get("compose/secrets.sh").unwrap()).unwrap();
    let run = || -> Output { Command::new("sh").arg(folder.path("secrets.sh")).output().unwrap() };
    let mode = |name: &str| fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    let first = run();
    let said = String::from_utf8_lossy(&first.stderr);
    assert_eq!(first.status.code(), Some(1), "{said}");
    assert_eq!(said.trim(), "missing: secrets/mail-smtp-password, the value of mail.smtp_password");

    fs::write(folder.path("secrets/mail-smtp-password"), "a-password\n").unwrap();
    let random = ["auth-secret-key", "health-token", "backup-token", "healthd-token"];
    let read = || random.map(|name| fs::read_to_string(folder.path(&format!("secrets/{name}"))).unwrap());
    let before = read();
    assert!(before.iter().all(|secret| secret.trim().len() == 64), "{before:?}");
    let again = run();
    assert!(again.status.success() && again.stdout.is_empty(), "{again:?}");
    assert_eq!(read(), before, "what is there stays");
    assert_eq!(mode("secrets"), 0o700, "only its owner comes to the files");
    assert!(random.iter().all(|name| mode(&format!("secrets/{name}")) == 0o444), "each container reads its own");
}

/// What `install.sh` starts before nginx, and certbot after each renewal.
#[test]
fn without_containers_nginx_has_a_certificate_to_begin_with_and_then_the_one_of_certbot() {
    if Command::new("openssl").arg("version").output().is_err() {
        return crate::proof::skip("there is no openssl");
    }
    for (domain, lineage) in [("www.example.org", "www.example.org"), (&long_domain(253), "magnetiq")] {
        let folder = Folder::new();
        let text = rendered(&deployment(&SITE.replace("www.example.org", domain), "1.30"));
        let text = text.get("systemd/letsencrypt/deploy-hook.sh").unwrap();
        let places = [("/etc/letsencrypt", "letsencrypt"), ("/etc/magnetiq/tls", "tls")];
        let placed = places.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, folder.path(to).to_str().unwrap()));
        fs::write(folder.path("hook.sh"), placed).unwrap();
        let begin = || Command::new("sh").arg(folder.path("hook.sh")).arg("--begin").output().unwrap();
        let live = folder.path("tls/live/fullchain.pem");

        let first = begin();
        assert!(first.status.success(), "{first:?}");
        assert!(said_of(&live, "-issuer").contains("first") && said_of(&live, "-ext subjectAltName").contains(&format!("DNS:{domain}")));
        let before = fs::read(&live).unwrap();
        assert!(begin().status.success());
        assert_eq!(fs::read(&live).unwrap(), before, "once, and not again");

        let of_certbot = folder.path(&format!("letsencrypt/live/{lineage}"));
        fs::create_dir_all(&of_certbot).unwrap();
        self_signed(&of_certbot, &[domain], 90);
        assert!(begin().status.success());
        let issued = fs::read(of_certbot.join("fullchain.pem")).unwrap();
        assert_eq!(fs::read(&live).unwrap(), issued);
        let mode = |name: &str| fs::metadata(folder.path("tls/live").join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(""), mode("fullchain.pem"), mode("privkey.pem")), (0o755, 0o644, 0o600));

        fs::copy(folder.path("tls/live/privkey.pem"), folder.path("other.pem")).unwrap();
        self_signed(&of_certbot, &[domain], 90);
        fs::copy(folder.path("other.pem"), of_certbot.join("privkey.pem")).unwrap();
        let refused = begin();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains("the key does not belong to the certificate"), "{said}");
        assert_eq!(fs::read(&live).unwrap(), issued, "the one before stays");
        assert_eq!(fs::read_dir(folder.path("tls/versions")).unwrap().count(), 2, "what was refused leaves nothing");
    }
}
