use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use config::Config;

use crate::groups::{self, Groups};
use crate::layer::{Layer, Stranger};
use crate::names;
use crate::nearest::nearest;
use crate::problem::{Problem, Problems};
use crate::reader::{Effective, Reader};
use crate::{Auth, Backup, Database, Health, Healthd, Log, Mail, Media, Profile, Program, Server, Site, Social, Sources};
use crate::{production, toml_file, variables};

/// All settings, whole and valid.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the program is run for.
    pub profile: Profile,
    /// What the site says about itself.
    pub site: Site,
    /// The HTTP side.
    pub server: Server,
    /// The database file.
    pub database: Database,
    /// Uploaded files.
    pub media: Media,
    /// Letters that the site sends.
    pub mail: Mail,
    /// Posts on social networks.
    pub social: Social,
    /// Accounts and sessions.
    pub auth: Auth,
    /// Backups.
    pub backup: Backup,
    /// Checks, metrics, and when the server gives way.
    pub health: Health,
    /// What is watched from outside.
    pub healthd: Healthd,
    /// What is logged.
    pub log: Log,
    /// The settings file that was read, if one was.
    pub file: Option<PathBuf>,
    effective: Vec<Effective>,
    given: Given,
    program: Program,
}

/// What file and environment gave. Names of secrets would be no harm in a log, their values are.
#[derive(Clone, Default)]
struct Given(Vec<Layer>);

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Settings {
    /// Lays the sources over each other: defaults of the profile, file, environment, files that `*_FILE` variables name. For the server.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    pub fn load(sources: Sources) -> Result<Self, Problems> {
        Self::load_for(Program::Server, sources)
    }

    /// The same for this program.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once; without what production demands of the other programs.
    pub fn load_for(program: Program, sources: Sources) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let file = sources.file.as_deref().map_or_else(Layer::default, |path| toml_file::read(path, &mut problems));
        // Half a file would make settings look missing that are there.
        let file_is_broken = !problems.is_empty();
        let environment = variables::read(&sources.environment, &mut problems);
        if file_is_broken {
            return Err(Problems::from(problems));
        }
        let mut settings = Self::of_layers(program, vec![file, environment.direct, environment.from_files], problems)?;
        settings.file = sources.file;
        Ok(settings)
    }

    /// The same with `kept` between the defaults and what file and environment give: values that a program keeps itself, as text by key.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with all of them together, at once; `origin` is where the values are said to come from.
    pub fn over(&self, kept: &BTreeMap<String, String>, origin: &str) -> Result<Self, Problems> {
        let mut layer = Layer::default();
        for (key, text) in kept {
            layer.insert(key.clone(), origin.to_owned(), text.clone());
        }
        let layers = std::iter::once(layer).chain(self.given.0.iter().cloned()).collect();
        let settings = Self::of_layers(self.program, layers, Vec::new())?;
        Ok(Self { file: self.file.clone(), given: self.given.clone(), ..settings })
    }

    fn of_layers(program: Program, layers: Vec<Layer>, mut problems: Vec<Problem>) -> Result<Self, Problems> {
        let groups = Groups::of(&layers, &mut problems);
        let known = known_keys(&groups);
        problems.extend(layers.iter().flat_map(|layer| layer.strangers(&known)).map(|stranger| unknown(&stranger, &known)));
        let given = Given(layers.clone());
        let (settings, mut reader) = Self::read(program, merge(layers, &known), groups, problems);
        production::check(program, &settings, &mut reader);
        let settings = Self { given, ..settings };
        if reader.problems.is_empty() { Ok(settings) } else { Err(Problems::from(reader.problems)) }
    }

    /// Every setting with its value and where it came from, secrets hidden.
    pub fn explain(&self) -> &[Effective] {
        &self.effective
    }

    /// Settings that may have problems: what the reader holds tells.
    fn read(program: Program, values: config::Value, groups: Groups, problems: Vec<Problem>) -> (Self, Reader) {
        let mut reader = Reader::new(program, values, groups, problems);
        let mut settings = Self {
            profile: reader.profile,
            site: Site::read(&mut reader),
            server: Server::read(&mut reader),
            database: Database::read(&mut reader),
            media: Media::read(&mut reader),
            mail: Mail::read(&mut reader),
            social: Social::read(&mut reader),
            auth: Auth::read(&mut reader),
            backup: Backup::read(&mut reader),
            health: Health::read(&mut reader),
            healthd: Healthd::read(&mut reader),
            log: Log::read(&mut reader),
            file: None,
            effective: Vec::new(),
            given: Given::default(),
            program,
        };
        settings.effective.clone_from(&reader.effective);
        (settings, reader)
    }
}

/// A key is known because it is read, so reading nothing finds them all.
fn known_keys(groups: &Groups) -> Vec<String> {
    let (settings, _) = Settings::read(Program::default(), Config::default().cache, groups.clone(), Vec::new());
    settings.effective.into_iter().map(|entry| entry.key).collect()
}

fn merge(layers: Vec<Layer>, known: &[String]) -> config::Value {
    let builder = layers.into_iter().fold(Config::builder(), |builder, layer| builder.add_source(layer.known(known)));
    builder.build().expect("a layer collects without failing").cache
}

fn unknown(stranger: &Stranger<'_>, known: &[String]) -> Problem {
    let key = stranger.key;
    let sections = || known.iter().flat_map(|key| key.match_indices('.').map(|(dot, _)| &key[..dot]));
    let expected = if sections().any(|section| section == key) {
        format!("{key} is a section: write its settings below [{key}]")
    } else if let Some(group) = groups::of_value(key) {
        format!("{group} is a section of sections, each with a name of its own: write [{group}.NAME]")
    } else if stranger.empty_section {
        nearest(key, sections()).map_or(NO_GUESS.to_owned(), |section| format!("did you mean [{section}]?"))
    } else {
        let name = |nearest| if stranger.variable.is_some() { names::variable(nearest) } else { nearest.to_owned() };
        nearest(key, known.iter().map(String::as_str)).map_or(NO_GUESS.to_owned(), |nearest| format!("did you mean {}?", name(nearest)))
    };
    Problem::Unknown { name: stranger.variable.unwrap_or(key).to_owned(), origin: stranger.origin.to_owned(), expected }
}

const NO_GUESS: &str = "magnetiq.example.toml lists all settings";
