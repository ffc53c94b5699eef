//! Where a backup to restore comes from: the backup folder, a file, or a target.

use anyhow::{Context, bail};
use magnetiq_backup::remote::Target;
use magnetiq_backup::{Backups, Progress, Scratch, Which};
use magnetiq_config::{BackupTarget, Settings};
use magnetiq_service::ResultExt;

use crate::{open, targets};

/// A backup that is on this machine, if only for a while.
pub(crate) struct Source {
    pub(crate) backups: Backups,
    pub(crate) which: Which,
    /// Where it was fetched from.
    pub(crate) target: Option<Target>,
    /// What was fetched goes when the command ends.
    _fetched: Option<Scratch>,
}

/// Finds what `text` means, at the target `from` if one is named.
pub(crate) fn find(settings: &Settings, text: &str, from: Option<&str>, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Source> {
    match (from, text.contains("://")) {
        (Some(name), false) => fetch(settings, targets::named(settings, name)?, &open::which(text), report),
        (Some(_), true) => bail!("{text} says already where it is: leave --from out"),
        (None, true) => {
            let (target, which) = by_address(settings, text)?;
            fetch(settings, target, &which, report)
        }
        (None, false) => Ok(Source { backups: open::backups(settings)?, which: open::which(text), target: None, _fetched: None }),
    }
}

/// The target whose address `text` begins with, and the archive that the rest names; the newest where it names none.
fn by_address<'a>(settings: &'a Settings, text: &str) -> anyhow::Result<(&'a BackupTarget, Which)> {
    let targets = settings.backup.targets.iter().map(|target| (target.url.as_str(), target));
    named_by(targets, text)
        .with_context(|| format!("{text} is at no target of the settings"))
        .hint("add it as [backup.targets.NAME] with its url and keys; magnetiq.example.toml shows how")
}

/// Of targets whose addresses begin alike the one that lies deepest. In its folders lies no archive.
fn named_by<'t, T>(targets: impl Iterator<Item = (&'t str, T)>, text: &str) -> Option<(T, Which)> {
    let rest =
        |url: &str| text.strip_prefix(url).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(|rest| rest.trim_matches('/'));
    let fitting = targets.map(|(url, target)| (url.trim_end_matches('/'), target)).filter(|(url, _)| rest(url).is_some());
    let (url, target) = fitting.max_by_key(|(url, _)| url.len())?;
    let which = match rest(url)? {
        "" => Which::Latest,
        name if name.contains('/') => return None,
        name if name.contains(".tar.") => Which::File(name.into()),
        name => Which::Id(id(name).to_owned()),
    };
    Some((target, which))
}

/// `20261123T020000Z` of `magnetiq-20261123T020000Z.tar.gz`, and of itself.
fn id(name: &str) -> &str {
    let stem = name.split('.').next().unwrap_or(name);
    stem.rsplit_once('-').map_or(stem, |(_, id)| id)
}

/// Into a folder of its own below the backup folder: there is the room for it, and it is on this disk. The restore works in the backup folder
/// itself, and under its lock.
fn fetch(settings: &Settings, target: &BackupTarget, which: &Which, report: &mut dyn FnMut(Progress)) -> anyhow::Result<Source> {
    // Makes the backup folder, too: this may be a new machine.
    let backups = open::backups(settings)?;
    let target = targets::connect(&settings.backup, target).hint(format!("check backup.targets.{}", target.name))?;
    let entry = open::hinted(target.find(which))?;
    let scratch = open::hinted(backups.scratch())?;
    let archive = open::hinted(target.fetch(&entry, scratch.path(), report))?;
    Ok(Source { backups, which: Which::File(archive), target: Some(target), _fetched: Some(scratch) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_names() {
        let targets = [("s3://b", 1), ("s3://b/shop/", 2), ("s3://b/shop/two", 3), ("file:///mnt", 4)];
        let check = |text: &str, wanted| assert_eq!(named_by(targets.into_iter(), text), wanted, "{text}");
        let name = "magnetiq-20261123T020000Z.tar.gz";
        check("s3://b", Some((1, Which::Latest)));
        check("s3://b/", Some((1, Which::Latest)));
        check("s3://b/shop/two", Some((3, Which::Latest)));
        check(&format!("s3://b/shop/{name}"), Some((2, Which::File(name.into()))));
        check(&format!("s3://b/shop/two/{name}"), Some((3, Which::File(name.into()))));
        check("file:///mnt/20261123T02", Some((4, Which::Id("20261123T02".to_owned()))));
        // Neither is it the archive of that name one folder above.
        check(&format!("s3://b/shop/three/{name}"), None);
        check(&format!("s3://bucket/{name}"), None);
    }

    #[test]
    fn the_id_of_a_name() {
        let check = |name, wanted| assert_eq!(id(name), wanted);
        check("magnetiq-20261123T020000Z.tar.gz", "20261123T020000Z");
        check("my-own-site-20261123T020000Z.tar.zst.age", "20261123T020000Z");
        check("20261123T02", "20261123T02");
    }
}
