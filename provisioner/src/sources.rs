//! Sources as people hand them over: the files of a folder, or an archive of a common kind. What comes of them is
//! always the same tar, so that nothing else has to know where a template came from.
//!
//! The rules of [`archive`](crate::archive) hold for every file, however it arrives: only below the folder, each once,
//! and what counts is what comes out of an archive, not what it promises.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use tar::{Archive, Builder};
use zip::ZipArchive;

use crate::archive::{ArchiveError, Limits, append, checked_path, is_file, is_source};

/// Which of the files are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// As they are.
    All,
    /// What belongs to a template: not hidden files (except the lock file), not states.
    Sources,
}

/// Files, gathered.
#[derive(Debug)]
pub struct Sources {
    keep: Keep,
    limits: Limits,
    bytes: u64,
    files: BTreeMap<PathBuf, File>,
}

#[derive(Debug)]
struct File {
    content: Vec<u8>,
    executable: bool,
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZIP: [u8; 2] = *b"PK";

impl Sources {
    pub fn new(keep: Keep, limits: Limits) -> Self {
        Self { keep, limits, bytes: 0, files: BTreeMap::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether a file of this name would be kept; its content need not be read otherwise.
    pub fn keeps(&self, name: &str) -> bool {
        let is_source = |part: Component<'_>| match part {
            Component::Normal(part) => is_source(part),
            // Refused, or of no meaning: that is seen when the file is added.
            _ => true,
        };
        self.keep == Keep::All || Path::new(name).components().all(is_source)
    }

    /// How many bytes more may come.
    pub fn room(&self) -> u64 {
        self.limits.bytes - self.bytes
    }

    pub fn add(&mut self, name: &str, content: Vec<u8>) -> Result<(), ArchiveError> {
        self.insert(name, File { content, executable: false })
    }

    /// Every file of a tar, a tar in gzip, or a zip; the first bytes tell which.
    pub fn add_archive(&mut self, archive: &[u8]) -> Result<(), ArchiveError> {
        if archive.starts_with(&ZIP) {
            self.add_zip(archive)
        } else if archive.starts_with(&GZIP) {
            self.add_tar(MultiGzDecoder::new(archive))
        } else {
            self.add_tar(archive)
        }
    }

    fn add_tar(&mut self, archive: impl Read) -> Result<(), ArchiveError> {
        let mut archive = Archive::new(archive);
        for entry in archive.entries().map_err(ArchiveError::Unreadable)? {
            let mut entry = entry.map_err(ArchiveError::Unreadable)?;
            let name = String::from_utf8(entry.path_bytes().into_owned());
            let name =
                name.map_err(|bad| ArchiveError::Name(String::from_utf8_lossy(bad.as_bytes()).into()))?;
            if is_file(&entry, &name)? == Some(true) && self.keeps(&name) {
                let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
                let content = self.read(&mut entry).map_err(ArchiveError::Unreadable)?;
                self.insert(&name, File { content, executable })?;
            }
        }
        Ok(())
    }

    /// Every file of a zip.
    pub fn add_zip(&mut self, archive: &[u8]) -> Result<(), ArchiveError> {
        let unreadable = |error: zip::result::ZipError| ArchiveError::Zip(error.to_string());
        let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(unreadable)?;
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(unreadable)?;
            let name = entry.name().map_err(unreadable)?.into_owned();
            if entry.is_symlink() {
                return Err(ArchiveError::Kind { name, what: "symbolic link" });
            }
            if entry.is_file() && self.keeps(&name) {
                let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
                let content = self.read(&mut entry);
                let content = content.map_err(|error| ArchiveError::Zip(error.to_string()))?;
                self.insert(&name, File { content, executable })?;
            }
        }
        Ok(())
    }

    /// At most one byte more than there is room for, which [`Sources::insert`] then refuses.
    fn read(&self, from: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        from.take(self.room().saturating_add(1)).read_to_end(&mut content)?;
        Ok(content)
    }

    fn insert(&mut self, name: &str, file: File) -> Result<(), ArchiveError> {
        if !self.keeps(name) {
            return Ok(());
        }
        let path = checked_path(name.as_bytes(), name, &self.limits)?;
        if file.content.len() as u64 > self.room() {
            return Err(ArchiveError::TooLarge { name: name.to_owned(), limit: self.limits.bytes });
        }
        if self.files.len() >= self.limits.entries {
            return Err(ArchiveError::TooMany { name: name.to_owned(), limit: self.limits.entries });
        }
        self.bytes += file.content.len() as u64;
        match self.files.insert(path, file) {
            Some(_) => Err(ArchiveError::Duplicate(name.to_owned())),
            None => Ok(()),
        }
    }

    /// Without the one folder that everything lies in: browsers send a folder with its name, and so do many archives.
    #[must_use]
    pub fn without_top_folder(mut self) -> Self {
        let first = |path: &PathBuf| path.iter().next().map(PathBuf::from);
        let Some(top) = self.files.keys().next().and_then(first) else { return self };
        if self.files.keys().all(|path| path.starts_with(&top) && *path != top) {
            let files = std::mem::take(&mut self.files).into_iter();
            self.files = files.map(|(path, file)| (path.iter().skip(1).collect(), file)).collect();
        }
        self
    }

    /// The same bytes for the same files.
    pub fn into_tar(self) -> Result<Vec<u8>, ArchiveError> {
        let mut builder = Builder::new(Vec::new());
        for (path, file) in &self.files {
            append(&mut builder, path, &file.content, file.executable).map_err(ArchiveError::Unreadable)?;
        }
        builder.into_inner().map_err(ArchiveError::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use pretty_assertions::assert_eq;
    use tar::{Builder, Header};
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::archive::unpack;

    const FILES: [(&str, &str); 5] = [
        ("web/main.tf", "main"),
        ("web/mod/m.tf", "module"),
        ("web/.terraform.lock.hcl", "lock"),
        ("web/.git/config", "hidden"),
        ("web/terraform.tfstate", "state"),
    ];

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (name, text) in files {
            let mut header = Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o755);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    /// What is in a tar: names and texts, in order.
    fn inside(tar: &[u8]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        unpack(tar, folder.path(), &Limits::default()).unwrap();
        let mut archive = Archive::new(tar);
        let mut text = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.path().unwrap().display().to_string(), text)
        };
        archive.entries().unwrap().map(&mut text).collect()
    }

    fn limits() -> Limits {
        Limits { entries: 3, depth: 3, bytes: 10 }
    }

    fn refused(archive: &[u8]) -> String {
        let error = Sources::new(Keep::All, limits()).add_archive(archive).unwrap_err();
        error.to_string()
    }

    #[test]
    fn a_folder_and_every_kind_of_archive_become_the_same_tar() {
        let expected = [(".terraform.lock.hcl", "lock"), ("main.tf", "main"), ("mod/m.tf", "module")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        let mut folder = Sources::new(Keep::Sources, Limits::default());
        for (name, text) in FILES {
            folder.add(name, text.into()).unwrap();
        }
        assert_eq!(inside(&folder.without_top_folder().into_tar().unwrap()), expected);
        for archive in [zip(&FILES), tar(&FILES), gzip(&tar(&FILES))] {
            let mut sources = Sources::new(Keep::Sources, Limits::default());
            sources.add_archive(&archive).unwrap();
            assert_eq!(inside(&sources.without_top_folder().into_tar().unwrap()), expected);
        }
    }

    #[test]
    fn everything_is_kept_where_that_is_asked_for() {
        let mut sources = Sources::new(Keep::All, Limits::default());
        sources.add_archive(&zip(&FILES)).unwrap();
        let names: Vec<_> = inside(&sources.into_tar().unwrap()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), FILES.len());
        assert!(names.contains(&"web/.git/config".to_owned()), "{names:?}");
    }

    #[test]
    fn a_file_beside_the_folder_keeps_the_folder() {
        let mut sources = Sources::new(Keep::Sources, Limits::default());
        sources.add_archive(&zip(&[("main.tf", "a"), ("mod/m.tf", "b")])).unwrap();
        let names: Vec<_> = inside(&sources.without_top_folder().into_tar().unwrap());
        assert_eq!(names.len(), 2);
        assert_eq!(names[1].0, "mod/m.tf");
    }

    #[test]
    fn a_bad_file_is_refused_and_named_however_it_comes() {
        let cases: [(&[(&str, &str)], &str); 5] = [
            (&[("a/../../evil", "")], "`a/../../evil`: the path leaves"),
            (&[("/tmp/evil", "")], "`/tmp/evil`: the path is absolute"),
            (&[("a/b/c/d", "")], "`a/b/c/d` is nested too deep: at most 3"),
            (&[("a", "12345"), ("b", "123456")], "`b` makes it too large: at most 10"),
            (&[("a", ""), ("b", ""), ("c", ""), ("d", "")], "`d` is one too many: at most 3"),
        ];
        for (files, expected) in cases {
            let said = refused(&zip(files));
            assert!(said.starts_with(expected), "{said} should start with {expected}");
            let mut sources = Sources::new(Keep::All, limits());
            let added: Result<(), _> =
                files.iter().try_for_each(|(name, text)| sources.add(name, (*text).into()));
            assert!(added.unwrap_err().to_string().starts_with(expected));
        }
    }

    #[test]
    fn what_unpacks_to_more_than_allowed_is_refused_without_reading_it_all() {
        let bomb = "0".repeat(8 << 20);
        for archive in [zip(&[("bomb", &bomb)]), gzip(&tar(&[("bomb", &bomb)]))] {
            assert!(archive.len() < 100_000);
            assert!(refused(&archive).starts_with("`bomb` makes it too large"));
        }
    }

    #[test]
    fn links_and_broken_archives_are_refused() {
        let mut linked = ZipWriter::new(Cursor::new(Vec::new()));
        linked.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        let linked = linked.finish().unwrap().into_inner();
        assert_eq!(refused(&linked), "`link` is a symbolic link: an archive may hold files and folders only");
        let whole = zip(&FILES);
        assert!(refused(&whole[..whole.len() / 2]).starts_with("this is not a readable zip archive"));
        assert!(refused(&gzip(b"no tar")[..12]).starts_with("this is not a readable tar archive"));
    }
}
