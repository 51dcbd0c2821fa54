//! A look at RocksDB's logs before RocksDB looks at them.
//!
//! The manifest and the logs of recent writes are sequences of framed records in blocks of 32 KiB: checksum 4,
//! length 2 (little-endian), type 1, payload. One flipped bit turns a type into one that only reused log files
//! have, which are never written here, and on that RocksDB 11.8 loops forever while opening. So a type that is
//! never written here, or a frame that leaves its block, is damage. A torn end is not: RocksDB forgives it, and
//! the side file tells whether it was acknowledged. Contents are for RocksDB's own checksums to prove.

use std::path::Path;

use super::error::StoreError;

const BLOCK: usize = 32 << 10;
const HEADER: usize = 7;
/// Whole, first, middle and last pieces of a record.
const WRITTEN: std::ops::RangeInclusive<u8> = 1..=4;

/// Checks the frames of the current manifest and of every log in a database folder. Reads these files once:
/// they are bounded by the options the database is opened with.
pub fn check(folder: &Path) -> Result<(), StoreError> {
    let current = folder.join("CURRENT");
    // A missing or unreadable CURRENT, or one that names another file, is for RocksDB to refuse.
    let manifest = std::fs::read_to_string(&current).unwrap_or_default();
    let entries = std::fs::read_dir(folder).map_err(StoreError::io("read", folder))?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io("read", folder))?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_log = path.extension().is_some_and(|end| end == "log");
        if !is_log && name.to_str() != Some(manifest.trim_end()) {
            continue;
        }
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // Beside a living writer, files come and go.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        frames(&bytes).map_err(|at| {
            let name = name.to_string_lossy();
            StoreError::Damaged(format!("the file `{name}` has no proper record at byte {at}"))
        })?;
    }
    Ok(())
}

/// Walks the frames; the error is where one is not proper.
fn frames(bytes: &[u8]) -> Result<(), usize> {
    let blocks = bytes.chunks(BLOCK);
    let last = blocks.len().saturating_sub(1);
    for (number, block) in blocks.enumerate() {
        let mut at = 0;
        while let Some([_, _, _, _, low, high, kind, ..]) = block.get(at..) {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            if *kind == 0 && length == 0 {
                // The space after the last record of a block, or never written.
                break;
            }
            let end = at + HEADER + length;
            if !WRITTEN.contains(kind) || (end > block.len() && number < last) {
                return Err(number * BLOCK + at);
            }
            at = end;
        }
    }
    Ok(())
}
