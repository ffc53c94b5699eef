use super::Plan;
use super::server::{EMAIL, PASSWORD};
use crate::output::{bold, plain};

/// Everything a person wants to know once the system runs, in one block.
pub(crate) fn print(plan: &Plan) {
    let site = plan.public_url();
    let rows = [
        ("Site", site.clone()),
        ("Admin", format!("{site}/admin")),
        ("API docs", format!("{}/api/docs", plan.api_url())),
        ("", String::new()),
        ("Sign in", EMAIL.to_owned()),
        ("Password", PASSWORD.to_owned()),
        ("", String::new()),
        ("Data", format!("{}  (database and media)", plan.data.folder().display())),
        ("Mail", format!("{}  (a file for each letter; nothing is sent)", plan.data.mail().display())),
        ("Stop", "Ctrl-C".to_owned()),
        ("Afresh", "cargo xtask dev --reset".to_owned()),
    ];
    plain(&format!("\n  {}\n", bold("Magnetiq is running")));
    for (name, value) in rows {
        plain(format!("  {name:<9} {value}").trim_end());
    }
    plain("");
}
