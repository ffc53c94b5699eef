//! `api-server admin create|list|role|reset-password`

use std::io::{self, IsTerminal, Read};

use anyhow::{Context, bail};
use comfy_table::{Table, presets};
use magnetiq_api::{Account, Clock, Role, commands};
use magnetiq_config::Settings;
use magnetiq_service::print;
use magnetiq_storage::Store;
use secrecy::SecretString;

use crate::open;

/// Accounts that may sign in: create, list, set a role, reset a password
///
/// The server must not be running, which alone writes its database; `list` may be given beside it.
#[derive(Debug, clap::Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The name that pages show as author
        #[arg(long)]
        name: String,
        /// What it may do: admin, editor or viewer
        #[arg(long, default_value_t = Role::Admin)]
        role: Role,
        #[command(flatten)]
        password: Password,
    },
    /// Show every account
    List {
        /// For programs: a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Set what an account may do
    Role {
        /// The address of the account
        #[arg(long)]
        email: String,
        /// admin, editor or viewer
        #[arg(long)]
        role: Role,
    },
    /// Give an account a new password and end its sessions
    ResetPassword {
        /// The address of the account
        #[arg(long)]
        email: String,
        /// Also turn off its authenticator app and remove its passkeys, for who lost them and the recovery codes
        #[arg(long)]
        without_second_factor: bool,
        #[command(flatten)]
        password: Password,
    },
}

/// Passwords are no arguments: those are seen by everybody on the machine.
#[derive(Debug, clap::Args)]
struct Password {
    /// Read the password from standard input, up to the end of its first line
    #[arg(long)]
    password_stdin: bool,
}

impl Password {
    fn read(&self) -> anyhow::Result<SecretString> {
        if self.password_stdin {
            let mut text = String::new();
            io::stdin().take(4096).read_to_string(&mut text).context("failed to read the password from standard input")?;
            return Ok(text.lines().next().unwrap_or_default().to_owned().into());
        }
        if !io::stdin().is_terminal() {
            bail!("standard input is no terminal: give the password with --password-stdin");
        }
        let first = rpassword::prompt_password("Password: ").context("failed to read the password")?;
        let second = rpassword::prompt_password("Again: ").context("failed to read the password")?;
        if first != second {
            bail!("the two passwords differ");
        }
        Ok(first.into())
    }
}

impl Admin {
    #[expect(clippy::print_stderr, reason = "a hint beside the answer")]
    pub(crate) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let _log = open::quiet_log()?;
        match self.action {
            Action::Create { email, name, role, password } => {
                let account = writing(settings, |store| {
                    Ok(commands::create_account(store, &Clock::system(), &email, &name, role, &password.read()?)?)
                })?;
                print(format_args!("created {}", account.email))?;
            }
            Action::List { json } => {
                let store = open::to_read(settings)?;
                let accounts = commands::list_accounts(&store)?;
                store.close()?;
                let text = if json { serde_json::to_string_pretty(&accounts)? } else { table(&accounts).trim_fmt() };
                print(text)?;
            }
            Action::Role { email, role } => {
                let account = writing(settings, |store| Ok(commands::set_role(store, &Clock::system(), &email, role)?))?;
                print(format_args!("{} is {} now", account.email, account.role))?;
            }
            Action::ResetPassword { email, without_second_factor, password } => {
                let account = writing(settings, |store| {
                    Ok(commands::reset_password(store, &Clock::system(), &email, &password.read()?, without_second_factor)?)
                })?;
                print(format_args!("{} has a new password; its sessions ended", account.email))?;
                if account.second_factor {
                    eprintln!(
                        "besides the password, signing in still needs a code of its authenticator app, a passkey or a recovery code; \
                         where all of them are lost, reset again with --without-second-factor"
                    );
                }
            }
        }
        Ok(())
    }
}

/// Does it as the one program that writes, and closes the database.
fn writing(settings: &Settings, work: impl FnOnce(&Store) -> anyhow::Result<Account>) -> anyhow::Result<Account> {
    let store = open::store(settings)?;
    let account = work(&store)?;
    store.close()?;
    Ok(account)
}

fn table(accounts: &[Account]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["e-mail", "name", "role", "created"]);
    for account in accounts {
        table.add_row([account.email.clone(), account.name.clone(), account.role.to_string(), account.created_at.to_string()]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}
