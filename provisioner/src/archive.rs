//! The sources of a template version as a tar archive.
//!
//! An archive comes from anybody who may push a template, so nothing in it is trusted: only folders and files are
//! unpacked, only below the given folder, each only once, and what counts is what really comes out, not what the
//! headers promise.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{self, Read},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Component, Path, PathBuf},
};

use tar::{Archive, Builder, Entry, EntryType, Header};

/// How much an archive may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files and folders.
    pub entries: usize,
    /// Names in a path.
    pub depth: usize,
    /// Of all files together, unpacked.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 10_000, depth: 32, bytes: 64 << 20 }
    }
}

/// Why an archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("`{0}`: the path is absolute; use paths below the template's folder")]
    Absolute(String),
    #[error("`{0}`: the path leaves the template's folder with `..`")]
    Outside(String),
    #[error("`{0}`: the name is not valid UTF-8")]
    Name(String),
    #[error("`{name}` is a {what}: an archive may hold files and folders only")]
    Kind { name: String, what: &'static str },
    #[error("`{0}` comes twice")]
    Duplicate(String),
    #[error("`{name}` is nested too deep: at most {limit} levels")]
    TooDeep { name: String, limit: usize },
    #[error("`{name}` is one too many: at most {limit} files and folders")]
    TooMany { name: String, limit: usize },
    #[error("`{name}` makes it too large: at most {limit} bytes unpacked")]
    TooLarge { name: String, limit: u64 },
    #[error("this is not a readable tar archive: {0}")]
    Unreadable(io::Error),
    #[error("this is not a readable zip archive: {0}")]
    Zip(String),
    #[error("cannot write `{name}`: {source}")]
    Write { name: String, source: io::Error },
    #[error("cannot read `{name}`: {source}")]
    Read { name: String, source: io::Error },
}

/// Unpacks a tar archive into a folder that is made if needed and should be empty. After an error the folder has what
/// came before the bad entry: remove it.
pub fn unpack(archive: impl Read, into: &Path, limits: &Limits) -> Result<(), ArchiveError> {
    let write = |source| ArchiveError::Write { name: into.display().to_string(), source };
    fs::create_dir_all(into).map_err(write)?;
    let mut archive = Archive::new(archive);
    let mut bytes_left = limits.bytes;
    for (count, entry) in archive.entries().map_err(ArchiveError::Unreadable)?.enumerate() {
        let mut entry = entry.map_err(ArchiveError::Unreadable)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(is_file) = is_file(&entry, &name)? else { continue };
        if count >= limits.entries {
            return Err(ArchiveError::TooMany { name, limit: limits.entries });
        }
        let path = into.join(checked_path(&entry.path_bytes(), &name, limits)?);
        if is_file {
            bytes_left -= write_file(&mut entry, &path, &name, bytes_left)
                .and_then(|written| written.ok_or(ArchiveError::TooLarge { name, limit: limits.bytes }))?;
        } else {
            fs::create_dir_all(&path).map_err(|source| cannot_make(&name, source))?;
        }
    }
    Ok(())
}

/// Whether an entry is a file; if not, it is a folder. `None`: it is neither, and harmless.
pub(crate) fn is_file(entry: &Entry<impl Read>, name: &str) -> Result<Option<bool>, ArchiveError> {
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => Ok(Some(true)),
        EntryType::Directory => Ok(Some(false)),
        // Says something about the archive, such as the commit it was made from.
        EntryType::XGlobalHeader => Ok(None),
        other => Err(ArchiveError::Kind { name: name.to_owned(), what: kind(other) }),
    }
}

fn kind(entry: EntryType) -> &'static str {
    match entry {
        EntryType::Symlink => "symbolic link",
        EntryType::Link => "hard link",
        EntryType::Char | EntryType::Block => "device",
        EntryType::Fifo => "named pipe",
        _ => "special entry",
    }
}

/// The path below the folder, or why it must not be used.
pub(crate) fn checked_path(bytes: &[u8], name: &str, limits: &Limits) -> Result<PathBuf, ArchiveError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ArchiveError::Name(name.to_owned()))?;
    let mut path = PathBuf::new();
    for component in Path::new(text).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err(ArchiveError::Outside(name.to_owned())),
            Component::RootDir | Component::Prefix(_) => return Err(ArchiveError::Absolute(name.to_owned())),
        }
    }
    if path.components().count() > limits.depth {
        return Err(ArchiveError::TooDeep { name: name.to_owned(), limit: limits.depth });
    }
    Ok(path)
}

/// Writes a new file; returns its size, or `None` when more than `most` bytes come.
fn write_file(
    entry: &mut Entry<impl Read>,
    path: &Path,
    name: &str,
    most: u64,
) -> Result<Option<u64>, ArchiveError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| cannot_make(name, source))?;
    }
    let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
    let mode = if executable { 0o755 } else { 0o644 };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|source| cannot_make(name, source))?;
    let written = io::copy(&mut entry.take(most.saturating_add(1)), &mut file);
    let written = written.map_err(|source| ArchiveError::Write { name: name.to_owned(), source })?;
    Ok((written <= most).then_some(written))
}

/// A file where a folder should be, or the other way round, is a name that comes twice.
fn cannot_make(name: &str, source: io::Error) -> ArchiveError {
    use io::ErrorKind::{AlreadyExists, IsADirectory, NotADirectory};
    if matches!(source.kind(), AlreadyExists | NotADirectory | IsADirectory) {
        ArchiveError::Duplicate(name.to_owned())
    } else {
        ArchiveError::Write { name: name.to_owned(), source }
    }
}

/// The same archive, entry by entry, with other texts for some of its files.
pub fn with_files(archive: impl Read, files: &BTreeMap<String, String>) -> Result<Vec<u8>, ArchiveError> {
    let mut archive = Archive::new(archive);
    let mut builder = Builder::new(Vec::new());
    for entry in archive.entries().map_err(ArchiveError::Unreadable)? {
        let mut entry = entry.map_err(ArchiveError::Unreadable)?;
        let path = entry.path().map_err(ArchiveError::Unreadable)?.into_owned();
        let mut header = entry.header().clone();
        let place = path.strip_prefix(".").unwrap_or(&path);
        let appended = match place.to_str().and_then(|place| files.get(place)) {
            Some(text) => {
                header.set_size(text.len() as u64);
                builder.append_data(&mut header, &path, text.as_bytes())
            }
            None => builder.append_data(&mut header, &path, &mut entry),
        };
        appended.map_err(ArchiveError::Unreadable)?;
    }
    builder.into_inner().map_err(ArchiveError::Unreadable)
}

/// Packs the sources in a folder: the same bytes for the same sources. Left out are hidden files (except the lock file)
/// and states, which do not belong to a template. Links to files are packed as the file.
pub fn pack(folder: &Path) -> Result<Vec<u8>, ArchiveError> {
    let mut builder = Builder::new(Vec::new());
    pack_below(&mut builder, folder, Path::new(""))?;
    let read = |source| ArchiveError::Read { name: folder.display().to_string(), source };
    builder.into_inner().map_err(read)
}

fn pack_below(builder: &mut Builder<Vec<u8>>, folder: &Path, below: &Path) -> Result<(), ArchiveError> {
    let here = folder.join(below);
    let read = |path: &Path| {
        let name = path.display().to_string();
        move |source| ArchiveError::Read { name, source }
    };
    let entries: io::Result<Vec<_>> = fs::read_dir(&here).map_err(read(&here))?.collect();
    let mut entries = entries.map_err(read(&here))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.into_iter().filter(|entry| is_source(&entry.file_name())) {
        let (path, place) = (entry.path(), below.join(entry.file_name()));
        let kind = entry.file_type().map_err(read(&path))?;
        let metadata = fs::metadata(&path).map_err(read(&path))?;
        if kind.is_dir() {
            pack_below(builder, folder, &place)?;
        } else if metadata.is_file() {
            let content = fs::read(&path).map_err(read(&path))?;
            let executable = metadata.permissions().mode() & 0o100 != 0;
            append(builder, &place, &content, executable).map_err(read(&path))?;
        } else {
            let what = if kind.is_symlink() { "link to a folder" } else { "special file" };
            return Err(ArchiveError::Kind { name: path.display().to_string(), what });
        }
    }
    Ok(())
}

/// Whether a file or folder of this name belongs to a template.
pub(crate) fn is_source(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let is_state = name.ends_with(".tfstate") || name.contains(".tfstate.");
    !is_state && (!name.starts_with('.') || name == ".terraform.lock.hcl")
}

pub(crate) fn append(
    builder: &mut Builder<Vec<u8>>,
    place: &Path,
    content: &[u8],
    executable: bool,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(if executable { 0o755 } else { 0o644 });
    header.set_mtime(0);
    builder.append_data(&mut header, place, content)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use pretty_assertions::assert_eq;

    use super::*;

    type Raw<'a> = (EntryType, &'a str, &'a [u8]);

    /// An archive of entries with names written as they are, unchecked.
    fn archive(entries: &[Raw<'_>]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (kind, name, content) in entries {
            let mut header = Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn refused(entries: &[Raw<'_>]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits { entries: 3, depth: 3, bytes: 10 };
        let into = folder.path().join("in");
        let error = unpack(&*archive(entries), &into, &limits).unwrap_err();
        assert!(!folder.path().join("evil").exists(), "nothing may leave the folder");
        error.to_string()
    }

    #[test]
    fn a_bad_entry_is_refused_and_named() {
        use EntryType::{Block, Directory, Fifo, Link, Regular, Symlink};
        let cases: [(&[Raw<'_>], &str); 12] = [
            (&[(Regular, "../evil", b"")], "`../evil`: the path leaves"),
            (&[(Regular, "a/../../evil", b"")], "`a/../../evil`: the path leaves"),
            (&[(Regular, "/tmp/evil", b"")], "`/tmp/evil`: the path is absolute"),
            (&[(Symlink, "s", b"")], "`s` is a symbolic link"),
            (&[(Link, "h", b"")], "`h` is a hard link"),
            (&[(Block, "b", b"")], "`b` is a device"),
            (&[(Fifo, "f", b"")], "`f` is a named pipe"),
            (&[(Regular, "a", b""), (Regular, "./a", b"")], "`./a` comes twice"),
            (&[(Regular, "a", b""), (Regular, "a/b", b"")], "`a/b` comes twice"),
            (&[(Regular, "a/b/c/d", b"")], "`a/b/c/d` is nested too deep: at most 3"),
            (&[(Regular, "a", b"12345"), (Regular, "b", b"123456")], "`b` makes it too large: at most 10"),
            (
                &[(Directory, "a", b""), (Directory, "b", b""), (Directory, "c", b""), (Directory, "d", b"")],
                "`d` is one too many: at most 3",
            ),
        ];
        for (entries, expected) in cases {
            let said = refused(entries);
            assert!(said.starts_with(expected), "{said} should start with {expected}");
        }
    }

    #[test]
    fn some_files_get_another_text_and_the_rest_stays() {
        let before = archive(&[
            (EntryType::Directory, "m", b""),
            (EntryType::Regular, "./main.tf", b"old"),
            (EntryType::Regular, "m/main.tf", b"old"),
            (EntryType::Regular, ".hidden", b"x"),
        ]);
        let files = BTreeMap::from([("main.tf".to_owned(), "new and longer".to_owned())]);
        let folder = tempfile::tempdir().unwrap();
        let after = with_files(&*before, &files).unwrap();
        unpack(&*after, folder.path(), &Limits::default()).unwrap();
        for (name, text) in [("main.tf", "new and longer"), ("m/main.tf", "old"), (".hidden", "x")] {
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = unpack(&[7_u8; 2048][..], folder.path(), &Limits::default()).unwrap_err();
        assert!(error.to_string().starts_with("this is not a readable tar archive"), "{error}");
        let whole = archive(&[(EntryType::Regular, "a", &[1; 2000])]);
        let error = unpack(&whole[..1000], folder.path(), &Limits::default()).unwrap_err();
        assert!(error.to_string().starts_with("this is not a readable tar archive"), "{error}");
    }

    #[test]
    fn sources_survive_the_way_through_an_archive() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("mod/.terraform")).unwrap();
        let long = format!("mod/{}.txt", "x".repeat(120));
        let kept = [".terraform.lock.hcl", "README.md", "main.tf", "mod/m.tf", &long];
        let left = [".env", "terraform.tfstate", "x.tfstate.backup", "mod/.terraform/x", ".git"];
        for file in kept.into_iter().chain(left) {
            fs::write(from.join(file), file).unwrap();
        }
        fs::write(from.join("run.sh"), "#!/bin/sh").unwrap();
        fs::set_permissions(from.join("run.sh"), PermissionsExt::from_mode(0o700)).unwrap();
        symlink("main.tf", from.join("link.tf")).unwrap();

        let packed = pack(&from).unwrap();
        assert_eq!(pack(&from).unwrap(), packed);
        unpack(&*packed, &to, &Limits::default()).unwrap();
        for file in kept {
            assert_eq!(fs::read_to_string(to.join(file)).unwrap(), file);
        }
        for file in left {
            assert!(!to.join(file).exists(), "{file} must stay behind");
        }
        assert_eq!(fs::read_to_string(to.join("link.tf")).unwrap(), "main.tf");
        assert_eq!(fs::metadata(to.join("run.sh")).unwrap().permissions().mode() & 0o777, 0o755);
    }
}
