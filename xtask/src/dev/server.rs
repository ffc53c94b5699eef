//! The commands of the API server, as `dev` uses them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Plan;
use super::children::{Finished, Output};
use super::session::Session;
use crate::output::{API, DEV};

/// The account of a development site.
pub(crate) const EMAIL: &str = "admin@example.com";
/// Its password. Known to everybody, hence only ever set on a site that the development profile made.
pub(crate) const PASSWORD: &str = "magnetiq-development";
const NAME: &str = "Development admin";

impl Plan {
    /// The server with these arguments, led to the data of this plan.
    pub(crate) fn server(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        self.data.lead(&mut command, self.api_port, &self.public_url());
        command.args(arguments);
        command
    }
}

/// Brings the database to the newest form.
///
/// # Errors
///
/// When it cannot be, or when it is time to end.
pub(crate) fn migrate(session: &mut Session, plan: &Plan, program: &Path) -> Result<()> {
    let done = session.run(API, Output::Show, None, &mut plan.server(program, &["migrate"]))?;
    if !done.status.success() {
        bail!("could not migrate the database; the lines above say why. If the data may go, start afresh: cargo xtask dev --reset");
    }
    Ok(())
}

/// Makes the account to sign in with, unless it is there, and brings in the sample content.
///
/// # Errors
///
/// When the account cannot be made, or when it is time to end. Content that cannot be read is told, and the rest goes in.
pub(crate) fn fill(session: &mut Session, plan: &Plan, program: &Path) -> Result<()> {
    let listed = session.run(API, Output::Collect, None, &mut plan.server(program, &["admin", "list", "--json"]))?;
    succeeded(&listed, "list the accounts")?;
    if !has_account(&listed.output)? {
        let arguments = ["admin", "create", "--email", EMAIL, "--name", NAME, "--password-stdin"];
        let created = session.run(API, Output::Show, Some(PASSWORD), &mut plan.server(program, &arguments))?;
        succeeded(&created, "create the development account")?;
    }
    let imported = session.run(API, Output::Show, None, &mut plan.server(program, &["import", "docs"]))?;
    if !imported.status.success() {
        DEV.say(&format!("the sample content under docs/ was not taken in as a whole ({})", imported.status));
    }
    Ok(())
}

fn has_account(json: &str) -> Result<bool> {
    let accounts: Value = serde_json::from_str(json).context("read the list of accounts")?;
    let accounts = accounts.as_array().context("the list of accounts is no list")?;
    Ok(accounts.iter().any(|account| account["email"] == EMAIL))
}

fn succeeded(done: &Finished, what: &str) -> Result<()> {
    if !done.status.success() {
        bail!("could not {what} ({}); the lines above say why", done.status);
    }
    Ok(())
}
