//! The side file: `head` once more, outside the database.
//!
//! The database alone cannot tell that its last rows are gone. So every commit also writes its head into one
//! of two slots of a small file, in turn, and syncs it before it is acknowledged. A slot has a checksum; a
//! torn slot leaves the other one. What the two together may say is decided in `folder`.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::head::{HEAD_LEN, Head, check_format};

/// The name of the file in the folder of a store.
pub const SIDE_FILE: &str = "HEAD";

const MAGIC: &[u8; 8] = b"WHEREFOR";
const CHECKSUM: &[u8; 32] = b"wherefore/1 slot of side file...";
/// Each slot has a page of its own, so that tearing one never touches the other.
const SLOT_LEN: usize = 4096;
/// Magic, format, length of the head.
const START: usize = MAGIC.len() + 2 + 2;
const USED: usize = START + HEAD_LEN + 32;

/// The side file of an open store.
#[derive(Debug)]
pub struct SideFile {
    path: PathBuf,
    file: File,
}

impl SideFile {
    /// Makes the side file of a new store, durable with its name.
    pub fn create(folder: &Path, head: &Head) -> Result<(), StoreError> {
        let path = folder.join(SIDE_FILE);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(StoreError::io("create", &path))?;
        let mut bytes = vec![0; 2 * SLOT_LEN];
        let at = slot_of(head.sequence);
        bytes[at..at + USED].copy_from_slice(&encode(head));
        file.write_all(&bytes)
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("write", &path))?;
        sync_folder(folder)
    }

    /// Opens it for writing.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(SIDE_FILE);
        let file = OpenOptions::new()
            .write(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        Ok(Self { path, file })
    }

    /// Writes a head into its slot, durable when it returns.
    pub fn write(&mut self, head: &Head) -> Result<(), StoreError> {
        let at = slot_of(head.sequence) as u64;
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.write_all(&encode(head)))
            .and_then(|()| self.file.sync_data())
            .map_err(StoreError::io("write", &self.path))
    }
}

/// The newest head of the side file; `None` if there is no such file.
pub fn read(folder: &Path) -> Result<Option<Head>, StoreError> {
    let path = folder.join(SIDE_FILE);
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(file) => file
            .take(1 << 20)
            .read_to_end(&mut bytes)
            .map_err(StoreError::io("read", &path))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("open", &path)(error)),
    };
    let mut newest: Option<Head> = None;
    for slot in bytes.chunks(SLOT_LEN).take(2) {
        if let Some(head) = decode(slot)?
            && newest.as_ref().is_none_or(|other| other.sequence < head.sequence)
        {
            newest = Some(head);
        }
    }
    newest
        .map(Some)
        .ok_or_else(|| StoreError::Damaged(format!("the side file `{SIDE_FILE}` has no readable slot")))
}

fn slot_of(sequence: u64) -> usize {
    if sequence.is_multiple_of(2) { 0 } else { SLOT_LEN }
}

fn encode(head: &Head) -> [u8; USED] {
    let mut slot = [0; USED];
    let (body, checksum) = slot.split_at_mut(USED - 32);
    body[..8].copy_from_slice(MAGIC);
    body[8..10].copy_from_slice(&head.format.to_be_bytes());
    body[10..12].copy_from_slice(&HEAD_BYTES.to_be_bytes());
    body[START..].copy_from_slice(&head.encode());
    checksum.copy_from_slice(blake3::keyed_hash(CHECKSUM, body).as_bytes());
    slot
}

/// [`HEAD_LEN`] as it stands in a slot.
const HEAD_BYTES: u16 = 202;
const _: () = assert!(HEAD_BYTES as usize == HEAD_LEN);

/// The head in a slot; `None` if it was never written or is torn. A whole slot of another format is an error
/// of its own: magic, format, length and checksum stay where they are in every format.
fn decode(slot: &[u8]) -> Result<Option<Head>, StoreError> {
    let number = |at: usize| {
        slot.get(at..at + 2)
            .map_or(0, |two| u16::from_be_bytes([two[0], two[1]]))
    };
    let body_len = START + usize::from(number(10));
    let (Some(body), Some(checksum)) = (slot.get(..body_len), slot.get(body_len..body_len + 32)) else {
        return Ok(None);
    };
    if !body.starts_with(MAGIC) || blake3::keyed_hash(CHECKSUM, body).as_bytes() != checksum {
        return Ok(None);
    }
    check_format(number(8))?;
    Head::decode(&body[START..]).map(Some)
}

/// Makes names in a folder durable.
pub fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    // Other systems have no handle of a folder to sync; their file systems order names themselves.
    if cfg!(unix) {
        File::open(folder)
            .and_then(|file| file.sync_all())
            .map_err(StoreError::io("sync", folder))?;
    }
    Ok(())
}
