//! The running site: server and page, kept alive and renewed.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use ureq::Agent;

use super::Plan;
use super::children::{Id, Output};
use super::server;
use super::session::Session;
use crate::cargo::{self, Built};
use crate::node;
use crate::output::{self, API, DEV, RUST, WEB};
use crate::workspace;

/// How long sources must be quiet before they are built.
const QUIET: Duration = Duration::from_millis(150);
/// How soon an address is asked again whether it answers; each time twice as long, up to the second of these.
const ASK_AGAIN: Duration = Duration::from_millis(10);
const ASK_AGAIN_AT_LAST: Duration = Duration::from_millis(250);
/// After this, the start goes on without the answer, and says so.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Site<'a> {
    plan: &'a Plan,
    program: PathBuf,
    server: Option<Id>,
    page: Option<Id>,
    build: Option<Id>,
}

impl<'a> Site<'a> {
    /// Starts the page, fills the database, starts the server, and waits until both answer.
    ///
    /// # Errors
    ///
    /// When one of them cannot be started, or when it is time to end.
    pub(crate) fn start(session: &mut Session, plan: &'a Plan, program: PathBuf) -> Result<Self> {
        let mut site = Self { plan, program, server: None, page: None, build: None };
        if plan.page_port.is_some() {
            site.page = Some(site.start_page(session)?);
        }
        server::migrate(session, plan, &site.program)?;
        server::fill(session, plan, &site.program)?;
        site.start_server(session)?;
        if site.page.is_some() {
            site.answers(session, &plan.public_url(), |site| site.page)?;
        }
        Ok(site)
    }

    /// Whether both run.
    pub(crate) fn is_whole(&self) -> bool {
        self.server.is_some() && self.page.is_some() == self.plan.page_port.is_some()
    }

    /// Renews what changes until it is time to end.
    ///
    /// # Errors
    ///
    /// Always, in the end: `Stopped`, or what went wrong.
    pub(crate) fn keep(&mut self, session: &mut Session) -> Result<()> {
        loop {
            self.look(session)?;
            if self.build.is_none() && session.take_changed() {
                session.settle(QUIET)?;
                session.take_changed();
                let mut build = cargo::build_server(output::has_colour());
                self.build = Some(session.children.start(RUST, Output::Collect, &mut build)?);
            } else {
                session.wait()?;
            }
        }
    }

    fn look(&mut self, session: &mut Session) -> Result<()> {
        if let Some(end) = self.server.and_then(|id| session.ended(id)) {
            self.server = None;
            DEV.say(&format!("the API server ended by itself ({}); it starts again after the next change", end.status));
        }
        if let Some(end) = self.page.and_then(|id| session.ended(id)) {
            self.page = None;
            DEV.say(&format!("the page's server ended by itself ({}); start cargo xtask dev again to have it back", end.status));
        }
        if let Some(end) = self.build.and_then(|id| session.ended(id)) {
            self.build = None;
            if end.status.success() {
                self.renew(session, Built::read(&end.output)?)?;
            } else {
                DEV.say("the build failed; the server from before goes on");
            }
        }
        Ok(())
    }

    fn renew(&mut self, session: &mut Session, built: Built) -> Result<()> {
        if !built.changed && self.server.is_some() {
            return Ok(());
        }
        self.program = built.program;
        if let Some(server) = self.server.take() {
            session.end(server)?;
        }
        let begin = Instant::now();
        self.start_server(session)?;
        if self.server.is_some() {
            DEV.say(&format!("the new server answers after {:.1} s", begin.elapsed().as_secs_f32()));
        }
        Ok(())
    }

    /// The server brings the database to its newest form itself.
    fn start_server(&mut self, session: &mut Session) -> Result<()> {
        self.server = Some(session.children.start(API, Output::Show, &mut self.plan.server(&self.program, &["serve"]))?);
        self.answers(session, &format!("{}/readyz", self.plan.api_url()), |site| site.server)
    }

    fn start_page(&self, session: &mut Session) -> Result<Id> {
        let mut vite = node::npm(&workspace::ui(), &["run", "--silent", "dev"]);
        vite.env("MAGNETIQ_DEV_API", self.plan.api_url());
        vite.env("MAGNETIQ_DEV_PORT", self.plan.page_port.unwrap_or_default().to_string());
        if output::has_colour() {
            vite.env("FORCE_COLOR", "1");
        }
        session.children.start(WEB, Output::Show, &mut vite)
    }

    /// Waits until an address answers, or until the program behind it ended.
    fn answers(&mut self, session: &mut Session, address: &str, program: impl Fn(&Self) -> Option<Id>) -> Result<()> {
        let agent: Agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(1))).build().into();
        let deadline = Instant::now() + PATIENCE;
        let mut pause = ASK_AGAIN;
        while let Err(error) = agent.get(address).call() {
            if Instant::now() >= deadline {
                DEV.say(&format!("{address} does not answer yet: {error}"));
                return Ok(());
            }
            let next = Instant::now() + pause;
            while session.wait_until(next)? {
                self.look(session)?;
            }
            pause = (pause * 2).min(ASK_AGAIN_AT_LAST);
            if program(self).is_none() {
                return Ok(());
            }
        }
        Ok(())
    }
}
