//! `verify`: a store as it was written passes; one with a changed byte never does.

use std::path::PathBuf;

use super::program::{Folder, bytes_below, run};

#[test]
fn a_store_as_it_was_written_passes() {
    let folder = Folder::new();
    let store = folder.demo_store();
    let before = bytes_below(&folder.path("store"));
    let ran = run(&["verify", "--store", &store]).exits(0);
    assert!(
        ran.out.starts_with("1 commit, ") && ran.out.ends_with("all is as it was written\n"),
        "{ran:?}"
    );
    assert!(
        bytes_below(&folder.path("store")) == before,
        "looking has changed the store"
    );
}

/// The files that hold what was committed, with their sizes.
fn data_files(folder: &Folder) -> Vec<(PathBuf, Vec<u8>)> {
    let is_data = |path: &PathBuf| {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let ending = path.extension().and_then(|ending| ending.to_str());
        name == "HEAD" || matches!(ending, Some("sst" | "log"))
    };
    bytes_below(&folder.path("store"))
        .into_iter()
        .filter(|(path, bytes)| is_data(path) && !bytes.is_empty())
        .collect()
}

#[test]
fn a_flipped_byte_is_never_taken_for_clean() {
    let folder = Folder::new();
    let store = folder.demo_store();
    let files = data_files(&folder);
    assert!(
        files.iter().any(|(path, _)| path.ends_with("HEAD")),
        "no side file"
    );
    assert!(
        files.iter().any(|(path, _)| path
            .extension()
            .is_some_and(|ending| ending == "sst" || ending == "log")),
        "no data"
    );
    let mut damages = 0;
    for (path, bytes) in &files {
        for part in 1..4 {
            let at = bytes.len() * part / 4;
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            std::fs::write(path, &flipped).expect("the file is written");
            let ran = run(&["verify", "--store", &store]);
            let what = format!("byte {at} of {}: {ran:?}", path.display());
            if path.ends_with("HEAD") {
                // The side file may have room that says nothing.
                assert!(ran.code <= 2, "{what}");
            } else {
                assert!(ran.code == 1 || ran.code == 2, "{what}");
                assert!(ran.code == 2 || ran.out.contains("damaged: "), "{what}");
            }
            damages += usize::from(ran.code != 0);
        }
        std::fs::write(path, bytes).expect("the file is written");
    }
    assert!(damages >= 3, "{damages}");
    run(&["verify", "--store", &store]).exits(0);
}

#[test]
fn a_file_that_is_missing_or_cut_is_never_taken_for_clean() {
    let folder = Folder::new();
    let store = folder.demo_store();
    for (path, bytes) in data_files(&folder) {
        std::fs::remove_file(&path).expect("the file is removed");
        let ran = run(&["verify", "--store", &store]);
        assert!(
            ran.code == 1 || ran.code == 2,
            "without {}: {ran:?}",
            path.display()
        );
        // One whole slot of the side file is enough, and the last of two commits may stand in the first.
        if !path.ends_with("HEAD") {
            std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("the file is written");
            let ran = run(&["verify", "--store", &store]);
            assert!(
                ran.code == 1 || ran.code == 2,
                "half of {}: {ran:?}",
                path.display()
            );
        }
        std::fs::write(&path, bytes).expect("the file is written");
    }
}
