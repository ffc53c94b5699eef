//! One machine with Docker.

mod back;
mod checks;
mod visitors;

use std::collections::BTreeMap;
use std::path::Path;

use magnetiq_config::variable;
use magnetiq_manifests::HTTPS_PORT;

use super::{Step, Work, hook, images, ready, smoke, step, tests, told, watch};
use crate::deploy::facts::{Carried, Facts, Tools};
use crate::deploy::line::Line;
use crate::deploy::release::{OURS, Outcome};
use crate::deploy::{server, store, warm};
use crate::dev::{DATABASE, MEDIA};
pub(super) use back::{back, broken, stay};
use checks::{preflight, secrets};
pub(crate) use visitors::{asks_closed, lets_in};
use visitors::{close, in_proxy, open, trial};

/// Where the lock has the store of releases, and the folder of the site where that is another machine's.
pub(crate) const RELEASES: &str = "/releases";
pub(crate) const SITE: &str = "/site";
/// Everything but the server, which has a step of its own, and the migration, which the server does at its start.
const EDGE: [&str; 2] = ["frontend", "proxy"];
const ASIDE: [&str; 3] = ["backupd", "certbot", "healthd"];
/// What ours are known by, so that those which a killed deployment left can be found.
pub(crate) const LABEL: &str = "org.magnetiq.deploy";

pub(super) fn forward(facts: &Facts) -> Vec<Step> {
    let mut steps = vec![preflight(facts)];
    if !facts.is_first() {
        steps.extend(secrets(facts));
    }
    steps.extend(facts.data.as_ref().map(pack));
    if facts.of.is_none() {
        steps.extend(tests(facts));
        steps.extend(images(facts));
    }
    steps.push(step(
        "release",
        "what exactly will run, under names that do not move, and the files that say so",
        Work::Release,
        release_lines(facts, &facts.images),
    ));
    if facts.is_first() {
        steps.extend(secrets(facts));
    }
    steps.push(Step { undone_by: &["unlock"], ..lock(facts) });
    let what = "this attempt, in the history on the target";
    steps.push(step("record", what, Work::Record(Outcome::Deploying), [unrecorded_lines(facts), record_lines(facts)].concat()));
    steps.extend(hook("before", facts.hooks.before.as_ref()));
    if facts.is_first() {
        steps.extend(first(facts));
    } else {
        steps.extend(rehearsals(facts));
        steps.extend(switch(facts));
    }
    steps.push(smoke(facts, "smoke"));
    if facts.is_first() {
        steps.push(watch(facts, inspect_all(facts, &server::name(facts))));
    } else {
        steps.push(watch(facts, inspect_all(facts, &server::next_name(facts))));
        steps.push(settle(facts, "settle"));
    }
    steps.push(step("live", "in the history: this is what runs", Work::Record(Outcome::Live), record_lines(facts)));
    if facts.replaces_data() {
        steps.push(keep(facts));
    }
    let needless = facts.needless.iter().map(|image| docker(facts, ["image", "rm", image])).collect();
    steps.push(step("prune", format!("versions before the last {}, but for what others use", facts.keep), Work::Prune, needless));
    steps.push(unlock(facts, "unlock"));
    steps.extend(told("after", facts.hooks.after.as_ref()));
    steps
}

/// Gets the images there and gives them names of this release: a tag that somebody moves, and a registry that is away, change nothing of what
/// runs, nor of what can be gone back to. Of a rollback they have theirs.
pub(crate) fn release_lines(facts: &Facts, images: &BTreeMap<String, String>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, image) in images {
        if facts.of.is_some() {
            lines.push(docker(facts, ["image", "inspect", "--format", "{{.Id}}", image]));
            continue;
        }
        if facts.registry.is_some() {
            lines.push(docker(facts, ["image", "pull", "--quiet", image]));
        }
        lines.push(docker(facts, ["image", "tag", image, &release_image(&facts.name, name, &facts.release)]));
    }
    lines
}

/// No other deployment has this name.
pub(crate) fn release_image(name: &str, image: &str, release: &str) -> String {
    format!("{OURS}{name}-{image}:{release}")
}

/// A container that never runs: its name is taken by one, its labels say by whom, and through it files get into the store of releases.
fn lock(facts: &Facts) -> Step {
    let mut line = docker(facts, ["container", "create", "--name", &lock_name(&facts.name)])
        .with(["--label".to_owned(), format!("{LABEL}={}", facts.number)])
        .with(["--label".to_owned(), format!("{LABEL}.release={}", facts.release)])
        .with(["--label".to_owned(), format!("{LABEL}.who={}", facts.who)])
        .with(["--label".to_owned(), format!("{LABEL}.since={}", facts.begun_at)])
        .with(["--label".to_owned(), format!("{LABEL}.why={}", facts.why.as_deref().unwrap_or(&facts.version))])
        .with(["--volume".to_owned(), format!("{}:{RELEASES}", volume_name(&facts.name))]);
    if facts.tools.remote {
        line = line.with(["--volume".to_owned(), format!("{}:{SITE}", facts.tools.project.display())]);
    }
    let of_release = || release_image(&facts.name, "backend", &facts.release);
    // Any image that is there will do.
    let lock_image = facts.of.as_ref().and_then(|of| of.images.get("backend").cloned()).unwrap_or_else(of_release);
    step("lock", "nobody else deploys there meanwhile", Work::Lock, vec![line.with([lock_image])])
}

pub(crate) fn lock_name(name: &str) -> String {
    format!("{name}-deploy-lock")
}

pub(crate) fn volume_name(name: &str) -> String {
    format!("{name}_releases")
}

fn record_lines(facts: &Facts) -> Vec<Line> {
    vec![to_history(facts, facts.number)]
}

/// What runs, and is gone back to, is known to this machine alone until then.
fn unrecorded_lines(facts: &Facts) -> Vec<Line> {
    facts.unrecorded().map(|runs| to_history(facts, runs.number)).into_iter().collect()
}

fn to_history(facts: &Facts, number: u32) -> Line {
    let from = facts.releases().join(number.to_string());
    docker(facts, ["container", "cp"]).with([from.display().to_string(), format!("{}:{RELEASES}/", lock_name(&facts.name))])
}

fn first(facts: &Facts) -> Vec<Step> {
    vec![
        files(facts, "files", facts.number),
        step(
            "switch",
            "everything starts: schema, server, page, proxy, certificate, watcher",
            Work::Run,
            // Without waiting for what stands beside: nobody who visits needs it, and the watch sees whether it ends.
            vec![new(facts).with(["up", "--detach"])],
        ),
        ready(facts, "gate", Some(&facts.release), inspect(facts, &server::name(facts))),
    ]
}

fn rehearsals(facts: &Facts) -> Vec<Step> {
    let run = |line| run(facts, line);
    // Where other data take the place of the site's, once nobody writes: it is what is gone back to.
    let mut steps = if facts.replaces_data() { Vec::new() } else { vec![backup(facts)] };
    if facts.may_migrate() {
        let line = run(new(facts)).with(["migrate", "migrate", "--rehearse", "--json"]);
        steps.push(step("rehearse", "the migration of the new version, on a copy", Work::Rehearse, vec![line]));
        // Where it is given up, that is what a way back follows from.
        let what = "in the history: which schema it found, and which it leaves";
        steps.push(step("schema", what, Work::Record(Outcome::Deploying), record_lines(facts)));
    }
    if facts.of.is_none() {
        steps.push(step(
            "drill",
            "the new version starts on the restored backup, and answers",
            Work::Drill,
            vec![run(new(facts)).with(["backupd", "verify", "latest", "--drill"])],
        ));
    }
    steps
}

fn backup(facts: &Facts) -> Step {
    let mut line = run(facts, before(facts)).with(["backupd", "once", "--reason", "pre-deploy", "--json"]);
    // While people wait, copies and old backups do not matter; the next run of the daemon makes up for them.
    if facts.replaces_data() {
        line = line.with(["--alone"]);
    }
    step("backup", "a backup, restored before it counts", Work::Backup, vec![line])
}

/// Until then the newest backup has the data that were replaced, and the next one, of which half may be missing, would count as none.
fn keep(facts: &Facts) -> Step {
    let line = run(facts, new(facts)).with(["backupd", "once", "--accept", "--alone", "--json"]);
    step("keep", "a backup of what is there now, however much less it is", Work::Keep, vec![line])
}

/// In a container of its own, which goes when it has ended.
fn run(facts: &Facts, project: Line) -> Line {
    run_once(project, facts.number)
}

fn run_once(project: Line, number: u32) -> Line {
    project.with(["run", "--rm", "--no-deps", "--no-TTY", "--label"]).with([format!("{LABEL}={number}")])
}

fn pack(data: &Carried) -> Step {
    let line = local(&data.program, &data.folder).with(["export", "--without-secrets"]).writing(&data.archive);
    step("pack", "the data of this machine, without its secrets", Work::Run, vec![line])
}

/// `backupd` of this checkout, on a development site.
pub(crate) fn local(program: &Path, folder: &Path) -> Line {
    let setting = |key: &str, path: &str| format!("{}={}", variable(key), folder.join(path).display());
    Line::new(["env".to_owned(), format!("{}=development", variable("profile"))])
        .with([setting("database.path", DATABASE), setting("media.folder", MEDIA), setting("backup.folder", "backups")])
        .with([program.display().to_string()])
}

fn switch(facts: &Facts) -> Vec<Step> {
    // Before anybody is kept out: what runs has the files that it was started with.
    let files = files(facts, "files", facts.number);
    let create = new(facts).with(["up", "--no-start", "--no-deps", "--no-recreate", "--scale", "backend=2", "backend"]);
    let prepare = step(
        "prepare",
        format!("the new server as a container, {}, which does not run yet", server::next_name(facts)),
        Work::Prepare,
        vec![create],
    );
    let warm = step(
        "warm",
        "every published page is read through the proxy, so that it has copies for readers",
        Work::Warm,
        warm::lines(&in_proxy(facts), HTTPS_PORT, &facts.site),
    );
    let mut steps = vec![
        Step { undone_by: &["back-files"], ..files },
        Step { undone_by: &["back-next"], ..prepare },
        warm,
        Step { undone_by: &["back-open"], ..close(facts, "close") },
    ];
    if facts.replaces_data() {
        let stop = stop(before(facts), "stop");
        steps.extend([Step { undone_by: &["back-switch", "back-others"], ..stop }, backup(facts)]);
    }
    for (name, schema) in [("data-between", facts.between), ("data", facts.schema_back())] {
        let data = schema.map(|schema| data(facts, name, before(facts), Some(schema), facts.discard));
        steps.extend(data.map(|data| Step { undone_by: &["back-put"], ..data }));
    }
    if let Some(data) = &facts.data {
        let put = run(facts, before(facts)).with(["backupd", "import", "-", "--yes"]).reading(&data.archive);
        let what = "the other data, verified there before they take the place of what is kept beside them";
        steps.push(Step { undone_by: &["back-put"], ..step("put", what, Work::Run, vec![put]) });
    }
    steps.extend([
        Step {
            undone_by: &["back-stop", "back-data", "back-next", "back-switch"],
            ..step("switch", "the new server in the place of the one before; it migrates at its start", Work::Exchange, exchange(facts))
        },
        ready(
            facts,
            "gate",
            facts.of.as_ref().map_or(Some(facts.release.as_str()), |of| of.release.as_deref()),
            inspect(facts, &server::next_name(facts)),
        ),
        trial(facts, "trial"),
        open(facts, "open"),
        Step {
            undone_by: &["back-others"],
            ..step("others", "page, proxy, backups, watcher; what has not changed goes on running", Work::Run, up_others(&new(facts)))
        },
    ]);
    steps
}

/// The backup daemon, too: it would have the folder of backups for as long as it backs up, copies and verifies by itself, and what is backed up and
/// put in place here waits for nobody. `others` and `back-others` start it again.
fn stop(project: Line, name: &'static str) -> Step {
    step(name, "nobody writes, and nobody backs up", Work::Run, vec![project.with(["stop", "backend", "backupd"])])
}

fn data(facts: &Facts, name: &'static str, project: Line, schema: Option<i64>, discard: bool) -> Step {
    let mut line = run(facts, project);
    let version = schema.map_or_else(|| "VERSION".to_owned(), |schema| schema.to_string());
    line = line.with(["migrate", "migrate", "--json", "--back-to", &version]);
    if discard {
        line = line.with(["--discard"]);
    }
    step(name, "the database as it was before the migration; what it replaces is kept beside it", Work::Data, vec![line])
}

/// Nothing but this lies between two servers: Compose, which would read all files first, has made the next one before.
fn exchange(facts: &Facts) -> Vec<Line> {
    vec![docker(facts, ["container", "stop", &server::name(facts)]), docker(facts, ["container", "start", &server::next_name(facts)])]
}

/// Whether a server runs, and how often it had to be started.
fn inspect(facts: &Facts, server: &str) -> Line {
    docker(facts, ["container", "inspect", server])
}

fn inspect_all(facts: &Facts, server: &str) -> Line {
    inspect(facts, server).with(EDGE.into_iter().chain(ASIDE).map(|service| format!("{}-{service}-1", facts.name)))
}

fn settle(facts: &Facts, name: &'static str) -> Step {
    let lines = vec![
        docker(facts, ["container", "rm", "--force", &server::name(facts)]),
        docker(facts, ["container", "rename", &server::next_name(facts), &server::name(facts)]),
    ];
    step(name, "the server before is not needed any more; the new one has its name", Work::Settle, lines)
}

fn unlock(facts: &Facts, name: &'static str) -> Step {
    let line = docker(facts, ["container", "rm", "--force", &lock_name(&facts.name)]);
    step(name, "others may deploy", Work::Unlock, vec![line])
}

/// Compares what runs with the files, and starts anew what differs. Without what it depends on: that is not this step's affair.
fn up_backend(project: Line) -> Line {
    project.with(["up", "--detach", "--no-deps", "backend"])
}

/// The proxy first: while it is exchanged nobody is served, and somebody who takes long to read an answer would hold it up until the end of its
/// grace period.
fn up_others(project: &Line) -> Vec<Line> {
    let up = project.clone().with(["up", "--detach", "--no-deps"]);
    vec![up.clone().with(["--timeout", "5"]).with(EDGE), up.with(ASIDE)]
}

/// On this machine each file is put in the place of the one before by this program itself.
fn files(facts: &Facts, name: &'static str, number: u32) -> Step {
    let from = facts.releases().join(number.to_string()).join("compose");
    let copy = docker(facts, ["container", "cp"]).with([format!("{}/.", from.display()), format!("{}:{SITE}/", lock_name(&facts.name))]);
    let lines = if facts.tools.remote { vec![copy] } else { Vec::new() };
    let what = format!("what containers are started with: {} to {}", from.display(), facts.tools.project.display());
    step(name, what, Work::Files(number), lines)
}

/// Compose with the files of the version that comes.
pub(crate) fn new(facts: &Facts) -> Line {
    project(facts, facts.number)
}

/// Compose with the files of the version that is there.
pub(crate) fn before(facts: &Facts) -> Line {
    project(facts, facts.previous.as_ref().map_or(facts.number, |previous| previous.number))
}

/// Paths in the files are meant from the folder of the site, whichever release they are of.
fn project(facts: &Facts, number: u32) -> Line {
    project_of(&facts.tools, &facts.releases(), number)
}

fn project_of(tools: &Tools, releases: &Path, number: u32) -> Line {
    let file = releases.join(number.to_string()).join("compose/compose.yaml");
    let folder = tools.project.display().to_string();
    tools.line(&tools.compose).with(["--project-directory", &folder, "--file", &file.display().to_string()])
}

/// What the program of a release makes of the schema that is there, on a copy.
pub(crate) fn asks_schema(tools: &Tools, releases: &Path, number: u32) -> Line {
    run_once(project_of(tools, releases, number), number).with(["migrate", "migrate", "--rehearse", "--json"])
}

fn docker<const N: usize>(facts: &Facts, words: [&str; N]) -> Line {
    store::docker(&facts.tools).with(words)
}
