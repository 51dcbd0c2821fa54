//! The ways into a pipeline: what action.yml, the template of GitLab and the hook run, run here.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{FLOWS, PASSED_ON, Run, check, clean, git, write};

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

fn yaml(name: &str) -> Value {
    wherefore::import::yaml_json(&std::fs::read_to_string(root().join(name)).unwrap()).unwrap()
}

/// A repository whose working tree passes a score on to a broker abroad, and its bare origin with all well on `main`.
fn proposed() -> (tempfile::TempDir, tempfile::TempDir) {
    let (folder, origin) = (clean(), tempfile::tempdir().unwrap());
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "all is well"]);
    git(folder.path(), &["branch", "-M", "main"]);
    git(origin.path(), &["init", "-q", "--bare"]);
    git(
        folder.path(),
        &["remote", "add", "origin", origin.path().to_str().unwrap()],
    );
    git(folder.path(), &["push", "-q", "origin", "main"]);
    git(folder.path(), &["checkout", "-q", "-b", "proposal"]);
    write(
        folder.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    git(folder.path(), &["commit", "-q", "-a", "-m", "pass it on"]);
    // As a fresh checkout: the target branch has not been fetched.
    git(folder.path(), &["branch", "-D", "-q", "main"]);
    git(folder.path(), &["update-ref", "-d", "refs/remotes/origin/main"]);
    (folder, origin)
}

/// Runs a line of a pipeline with `wherefore` on the PATH.
fn bash(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_wherefore")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", line])
        .current_dir(folder)
        .env("PATH", path);
    for name in [
        "GITHUB_BASE_REF",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
        "GITLAB_CI",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    ] {
        command.env_remove(name);
    }
    let done = command.envs(variables.iter().copied()).output().unwrap();
    Run {
        code: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Runs the steps of the action as the runner does: inputs into the environment of each step.
fn act(folder: &Path, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Run {
    let action = yaml("action.yml");
    let value = |text: &str| -> String {
        let Some(name) = text
            .strip_prefix("${{ ")
            .and_then(|rest| rest.strip_suffix(" }}"))
        else {
            return text.to_owned();
        };
        if name == "github.action_path" {
            return root().display().to_string();
        }
        let name = name
            .strip_prefix("inputs.")
            .unwrap_or_else(|| panic!("{name} is no input"));
        let given = inputs
            .iter()
            .find(|(input, _)| *input == name)
            .map(|(_, given)| (*given).to_owned());
        given.unwrap_or_else(|| action["inputs"][name]["default"].as_str().unwrap().to_owned())
    };
    let mut last = None;
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert_eq!(step["shell"], "bash");
        let mut all: Vec<(String, String)> = variables
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        for (name, text) in step["env"].as_object().unwrap() {
            all.push((name.clone(), value(text.as_str().unwrap())));
        }
        let all: Vec<(&str, &str)> = all.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        last = Some(bash(folder, step["run"].as_str().unwrap(), &all));
    }
    last.unwrap()
}

#[test]
fn the_action_fails_a_pull_request_and_passes_it_when_mended() {
    let (folder, _origin) = proposed();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (summary, output) = (file("summary.md"), file("output.txt"));
    std::fs::write(&summary, "before\n").unwrap();
    let day = format!("--as-of {}", super::DAY);
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_STEP_SUMMARY", summary.as_str()),
        ("GITHUB_OUTPUT", output.as_str()),
    ];
    let run = act(folder.path(), &[("arguments", &day)], &variables);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert_eq!(
        run.out
            .matches("::error file=privacy/flows/shop.yaml,line=5,")
            .count(),
        2,
        "{}",
        run.out
    );
    let told = std::fs::read_to_string(&summary).unwrap();
    assert!(
        told.starts_with("before\n## Wherefore"),
        "what other steps wrote stays"
    );
    assert!(
        told.contains("2 new, 0 known") && told.contains("```mermaid"),
        "{told}"
    );
    assert_eq!(
        std::fs::read_to_string(&output).unwrap(),
        "sarif=wherefore.sarif\n"
    );
    let sarif: Value =
        serde_json::from_str(&std::fs::read_to_string(file("wherefore.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["baselineState"], "new");

    write(folder.path(), &[("privacy/flows/shop.yaml", FLOWS)]);
    let run = act(folder.path(), &[("arguments", &day)], &variables);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);

    // What cannot be checked is not green, and neither is a base that is not there.
    std::fs::remove_dir_all(folder.path().join("privacy")).unwrap();
    assert_eq!(act(folder.path(), &[], &variables).code, 2);
    let (folder, _origin) = proposed();
    let run = act(
        folder.path(),
        &[],
        &[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "gone")],
    );
    assert_eq!(run.code, 2, "{}", run.out);
    assert!(
        run.err.contains("cannot fetch the target branch gone"),
        "{}",
        run.err
    );
    assert_eq!(
        act(folder.path(), &[("program", "/no/such/program")], &[]).code,
        127,
        "the shell's own code, and not green"
    );
}

#[test]
fn the_action_compares_with_what_it_is_told() {
    let (folder, _origin) = proposed();
    let day = format!("--as-of {}", super::DAY);
    for (base, code) in [("none", 1), ("HEAD", 0), ("HEAD~1", 1)] {
        let run = act(folder.path(), &[("base", base), ("arguments", &day)], &[]);
        assert_eq!(run.code, code, "{base}: {}{}", run.out, run.err);
    }
    assert_eq!(
        act(folder.path(), &[("path", "privacy/things.yaml")], &[]).code,
        2,
        "a fact file without a header"
    );
}

#[test]
fn the_job_of_gitlab_fails_a_merge_request() {
    let (folder, _origin) = proposed();
    let template = yaml("ci/gitlab.yml");
    let job = &template[".wherefore"];
    for (base, code) in [("HEAD~1", 1), ("HEAD", 0), ("", 1)] {
        let mut variables = vec![("CI_MERGE_REQUEST_DIFF_BASE_SHA", base)];
        for (name, value) in job["variables"].as_object().unwrap() {
            variables.push((name, value.as_str().unwrap()));
        }
        for line in job["script"].as_array().unwrap() {
            let run = bash(folder.path(), line.as_str().unwrap(), &variables);
            assert_eq!(run.code, code, "{base}: {}{}", run.out, run.err);
        }
        let reports = &job["artifacts"]["reports"];
        for report in [
            &reports["codequality"],
            &reports["junit"],
            &job["artifacts"]["paths"][0],
        ] {
            assert!(folder.path().join(report.as_str().unwrap()).is_file(), "{report}");
        }
    }
}

#[test]
fn the_hook_stops_a_commit() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let entry = hooks[0]["entry"].as_str().unwrap();
    let folder = clean();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "all is well"]);
    assert_eq!(bash(folder.path(), entry, &[]).code, 0);
    write(
        folder.path(),
        &[("privacy/flows/shop.yaml", &format!("{FLOWS}{PASSED_ON}"))],
    );
    let run = bash(folder.path(), entry, &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!(check(folder.path(), &["--base-ref", "HEAD"]).code, 1);
}
