//! What an export has besides its pages: files of media where the site serves them, and menus.

use std::{collections::HashMap, fs, path::Path};

use serde::Deserialize;

use super::run::Import;
use crate::{
    audit::{self, Actor, Change},
    error::Error,
    export::{MEDIA, MEDIA_WORDS, MENUS},
    http::problem::chain,
    media::{self, details::MediaChange},
    menus::{self, MenuItem},
};

#[derive(Deserialize)]
struct MediaWords {
    magnetiq: u32,
    media: HashMap<String, MediaChange>,
}

#[derive(Deserialize)]
struct Menus {
    magnetiq: u32,
    menus: Vec<MenuFile>,
}

#[derive(Deserialize)]
struct MenuFile {
    name: String,
    language: Option<String>,
    items: Vec<MenuItem>,
}

impl Import<'_> {
    /// Brings in every file of `media/<sha256>/<name>`, so that texts can go on naming them as they do.
    pub(super) fn bring_exported(&mut self) -> Result<(), Error> {
        let mut words = self.words_of_media();
        for folder in names(&self.root.join(MEDIA)) {
            if !is_of_media(Path::new(MEDIA).join(&folder).as_path()) {
                continue;
            }
            for name in names(&self.root.join(MEDIA).join(&folder)) {
                let target = Path::new(MEDIA).join(&folder).join(&name);
                if !self.has_file(&target) {
                    continue;
                }
                let brought = match self.bring_new(&target) {
                    Ok(url) => url,
                    Err(error @ (Error::TooLarge { .. } | Error::UnsupportedMedia { .. } | Error::File { action: "open", .. })) => {
                        self.find(&target, None, chain(&error), true);
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                if brought != media::names::url(&folder, &name) {
                    self.find(&target, None, format!("it is at {brought} on the site: what texts say of it may lead nowhere"), false);
                } else if let Some(said) = words.remove(&folder) {
                    self.say(&target, &folder, said)?;
                }
            }
        }
        Ok(())
    }

    /// What people said of the files, by their hashes; nothing where a file of somebody else has the same name.
    fn words_of_media(&self) -> HashMap<String, MediaChange> {
        let bytes = fs::read(self.root.join(MEDIA_WORDS)).unwrap_or_default();
        match serde_json::from_slice(&bytes) {
            Ok(MediaWords { magnetiq: 1, media }) => media,
            _ => HashMap::new(),
        }
    }

    /// Says it of a file here, unless somebody said something of that already.
    fn say(&mut self, target: &Path, sha256: &str, said: MediaChange) -> Result<(), Error> {
        let said = match said.checked() {
            Ok(said) => said,
            Err(error) => {
                self.find(target, None, chain(&error), true);
                return Ok(());
            }
        };
        let (sha256, now) = (sha256.to_owned(), self.state.clock.now());
        let say = move |tx: &magnetiq_storage::Tx| -> Result<bool, Error> {
            let Some(media) = media::rows::find(tx, &sha256)? else { return Ok(true) };
            let is = MediaChange::of(&media);
            if is == MediaChange::of_a_new_file(&is.name) {
                let after = media::rows::update(tx, media.id, None, &said, now)?;
                let change = Change::of("media.update", after.id, &after.name).from(&media)?.to(&after)?;
                audit::record(tx, &Actor::command_line(), change, now)?;
                return Ok(true);
            }
            Ok(is == said)
        };
        if !self.state.store.write(move |tx| Ok(say(tx)?)).wait()? {
            self.find(target, None, "what is said of it here is not what the export says, and was left alone", false);
        }
        Ok(())
    }

    /// Makes the menus of an export. One that is there already is left alone.
    pub(super) fn bring_menus(&mut self) -> Result<(), Error> {
        let Ok(bytes) = fs::read(self.root.join(MENUS)) else { return Ok(()) };
        // A file of somebody else may have the same name.
        let Ok(Menus { magnetiq: 1, menus }) = serde_json::from_slice(&bytes) else { return Ok(()) };
        for menu in menus {
            let made = self.bring_menu(menu);
            match made {
                Ok(true) => self.report.menus += 1,
                Ok(false) => {}
                Err(error @ Error::Invalid(_)) => self.find(Path::new(MENUS), None, chain(&error), true),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn bring_menu(&mut self, MenuFile { name, language, items }: MenuFile) -> Result<bool, Error> {
        let language = self.languages.wanted(language.as_deref())?;
        let written = menus::Written { name, language, items }.checked().map_err(Error::Invalid)?;
        let now = self.state.clock.now();
        let make = move |tx: &magnetiq_storage::Tx| -> Result<Option<String>, Error> {
            match menus::rows::find(tx, &written.name, &written.language)? {
                Some(menu) if menu.items == written.items => Ok(None),
                Some(_) => Ok(Some(format!("the menu {} is on the site already and is another one; it was left alone", written.name))),
                None => {
                    let menu = menus::rows::insert(tx, &written, now)?;
                    audit::record(tx, &Actor::command_line(), Change::of("menu.create", menu.row.id, &menu.row.name).to(&menu)?, now)?;
                    Ok(Some(String::new()))
                }
            }
        };
        match self.state.store.write(move |tx| Ok(make(tx)?)).wait()? {
            None => Ok(false),
            Some(why) if why.is_empty() => Ok(true),
            Some(why) => {
                self.find(Path::new(MENUS), None, why, false);
                Ok(false)
            }
        }
    }
}

/// Whether this is a folder of `media/<sha256>`: what is in it is media, whatever it is called.
pub(super) fn is_of_media(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(std::ffi::OsStr::to_string_lossy).collect();
    matches!(&parts[..], [media, hash] if *media == MEDIA && hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The names in a folder, in order; none where there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
