//! `cargo xtask dev`: the whole system on this machine, in one command.

mod banner;
mod children;
mod data;
mod port;
mod server;
mod session;
mod site;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use magnetiq_config::{API_PORT, PAGE_PORT};

use crate::cargo::{self, Built};
use crate::output::{DEV, RUST, WEB, has_colour};
use crate::{node, workspace};
use children::Output;
pub(crate) use data::{DATABASE, Data, MEDIA};
use session::{Session, Stopped};
use site::Site;

/// The options of `cargo xtask dev`.
#[derive(Args)]
pub(crate) struct Dev {
    /// Leave out the page's own server, and with it Node
    #[arg(long)]
    no_web: bool,
    /// Delete the database and the media of before, and start afresh
    #[arg(long)]
    reset: bool,
    /// Port of the API server
    #[arg(long, value_name = "N", default_value_t = API_PORT)]
    api_port: u16,
    /// Port of the page
    #[arg(long, value_name = "N", default_value_t = PAGE_PORT)]
    page_port: u16,
    /// Folder of the database and the media [default: .dev]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What was asked for, worked out.
#[derive(Debug)]
struct Plan {
    data: Data,
    api_port: u16,
    /// `None` without the page.
    page_port: Option<u16>,
}

impl Plan {
    fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.api_port)
    }

    /// What a person types. Without the page's own server, the API server brings the page that was built last.
    fn public_url(&self) -> String {
        format!("http://localhost:{}", self.page_port.unwrap_or(self.api_port))
    }
}

impl Dev {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let page_port = (!self.no_web).then_some(self.page_port);
        let plan = Plan { data: Data::new(self.data.as_deref())?, api_port: self.api_port, page_port };
        check(&plan)?;
        if self.reset {
            plan.data.reset()?;
        }
        plan.data.create()?;
        let mut session = Session::begin()?;
        let done = develop(&mut session, &plan);
        session.children.end_all();
        match done {
            Err(error) if error.is::<Stopped>() => {
                DEV.say("stopped");
                Ok(ExitCode::SUCCESS)
            }
            done => done.map(|()| ExitCode::SUCCESS),
        }
    }
}

/// Everything that can be known to fail fails now, before anything is touched.
fn check(plan: &Plan) -> Result<()> {
    port::check_free(plan.api_port, "the API server", "--api-port")?;
    if let Some(page_port) = plan.page_port {
        port::check_free(page_port, "the page", "--page-port")?;
        node::check()?;
    }
    plan.data.check_unused()
}

fn develop(session: &mut Session, plan: &Plan) -> Result<()> {
    if plan.page_port.is_some() {
        install(session)?;
    }
    DEV.say("building the API server");
    // Before the build, so that what changes while it runs is not missed.
    let _watcher = watch::watch(session.sender())?;
    let build = session.run(RUST, Output::Collect, None, &mut cargo::build_server(has_colour()))?;
    if !build.status.success() {
        bail!("the build failed; the lines above say why");
    }
    let mut site = Site::start(session, plan, Built::read(&build.output)?.program)?;
    if site.is_whole() {
        banner::print(plan);
    }
    site.keep(session)
}

fn install(session: &mut Session) -> Result<()> {
    let ui = workspace::ui();
    if let Some(mut command) = node::install(&ui)? {
        DEV.say("installing the packages of the page");
        if !session.run(WEB, Output::Show, None, &mut command)?.status.success() {
            bail!("the packages of the page could not be installed; the lines above say why");
        }
        node::installed(&ui)?;
    }
    Ok(())
}
