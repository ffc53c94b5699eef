//! What is on the disk after a power cut: a program ran with `faults/power_cut.c`, was killed, and now its files forget.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::{Fault, Random};

/// A folder whose files can forget.
#[derive(Debug)]
pub struct PowerCut {
    root: PathBuf,
    side: PathBuf,
}

/// How much of what was not synced is gone. All of these are what real disks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// All of it, names of files included.
    Everything,
    /// Each write by the toss of a coin, whatever its order, and half of the torn ones in the middle; names are kept.
    Some,
}

/// One change of a file: `struct record` in the C source, and what follows it.
#[derive(Debug)]
struct Change {
    is_write: bool,
    offset: u64,
    old_size: u64,
    new_size: u64,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl PowerCut {
    /// For the files below `root`, with a new folder `side` on the same file system.
    pub fn new(root: &Path, side: &Path) -> Self {
        fs::create_dir_all(side).unwrap();
        Self { root: root.canonicalize().unwrap(), side: side.canonicalize().unwrap() }
    }

    pub fn fault(&self) -> Fault {
        Fault::PowerCut { root: self.root.clone(), side: self.side.clone() }
    }

    /// Cuts the power: the program was killed, and its files are as the disk has them. Gives the number of changes that are gone.
    pub fn cut(&self, forget: Forget, random: &mut Random) -> usize {
        let mut forgotten = 0;
        for entry in fs::read_dir(&self.side).unwrap() {
            let journal = entry.unwrap().path();
            if journal.extension().is_some_and(|extension| extension == "undo") {
                forgotten += forget_writes(&journal, forget, random);
            }
        }
        if forget == Forget::Everything {
            forgotten += self.forget_names();
        }
        fs::remove_dir_all(&self.side).unwrap();
        fs::create_dir(&self.side).unwrap();
        forgotten
    }

    /// Takes back, newest first, what was done to the names of files and not followed by a sync of their folder.
    fn forget_names(&self) -> usize {
        let log = fs::read_to_string(self.side.join("names.log")).unwrap_or_default();
        let mut synced = BTreeSet::new();
        let mut forgotten = 0;
        for line in log.lines().rev() {
            // the last line may be half there
            let [what, inode, name, to] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
            let kept = self.side.join(format!("{inode}.file"));
            let place = Path::new(if what == "r" { to } else { name });
            if what == "s" {
                synced.insert(place);
            } else if !synced.contains(place.parent().unwrap()) {
                forgotten += 1;
                // What cannot be taken back, because its folder is gone, is gone.
                let _ = match what {
                    "c" => fs::remove_file(name),
                    "d" => fs::hard_link(&kept, name),
                    "r" => fs::rename(to, name),
                    other => panic!("{other} in names.log"),
                };
            }
        }
        forgotten
    }
}

fn forget_writes(journal: &Path, forget: Forget, random: &mut Random) -> usize {
    let changes = read(&fs::read(journal).unwrap());
    let file = OpenOptions::new().write(true).open(journal.with_extension("file")).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    for change in changes.iter().rev() {
        change.undo(&file);
    }
    let mut forgotten = 0;
    for change in &changes {
        match if forget == Forget::Everything { 3 } else { random.below(4) } {
            0 | 1 => change.redo(&file, change.new.len()),
            // half of a sector is nothing that disks write
            2 => change.redo(&file, change.new.len() / 2 / 512 * 512),
            _ => forgotten += 1,
        }
    }
    // No disk writes anything because the power went.
    file.set_modified(modified).unwrap();
    forgotten
}

impl Change {
    fn undo(&self, file: &File) {
        file.write_all_at(&self.old, self.offset).unwrap();
        file.set_len(self.old_size).unwrap();
    }

    fn redo(&self, file: &File, bytes: usize) {
        if self.is_write {
            file.write_all_at(&self.new[..bytes], self.offset).unwrap();
        } else {
            file.set_len(self.new_size).unwrap();
        }
    }
}

/// The whole changes of a journal; the last one may be half there, and then it had not been made.
fn read(mut journal: &[u8]) -> Vec<Change> {
    let mut changes = Vec::new();
    while let Some((head, rest)) = journal.split_at_checked(48) {
        let number = |n: usize| u64::from_ne_bytes(head[n * 8..n * 8 + 8].try_into().unwrap());
        let [old_bytes, new_bytes] = [4, 5].map(|n| usize::try_from(number(n)).unwrap());
        let Some((old, rest)) = rest.split_at_checked(old_bytes) else { break };
        let Some((new, rest)) = rest.split_at_checked(new_bytes) else { break };
        journal = rest;
        changes.push(Change {
            is_write: number(0) == 1,
            offset: number(1),
            old_size: number(2),
            new_size: number(3),
            old: old.to_owned(),
            new: new.to_owned(),
        });
    }
    changes
}
