use super::*;
use tempfile::{TempDir, tempdir};

/// Lets go of a journal as a kill does: the lock ends, and nothing is tidied up.
fn kill(journal: Journal) {
    let state = std::mem::replace(
        &mut *journal.state.lock(),
        State {
            segments: VecDeque::new(),
            open: HashMap::new(),
        },
    );
    drop(state);
}

fn ids(count: u128) -> Vec<Uuid> {
    (1..=count).map(Uuid::from_u128).collect()
}

fn files(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn after_a_kill_what_was_handed_over_without_an_answer_is_known() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let ids = ids(4);
    for id in &ids {
        journal.handed_over(*id).unwrap();
    }
    journal.answered(ids[0], true).unwrap();
    journal.answered(ids[1], false).unwrap();
    journal.answered(ids[3], true).unwrap();
    journal.settled(&ids[3..]).unwrap();
    assert_eq!(journal.open_mails(), 3);
    kill(journal);

    let next = Journal::open(folder.path()).unwrap();
    let found = next.recover().unwrap();
    assert_eq!(found.with(Outcome::Accepted), [ids[0]]);
    assert_eq!(found.with(Outcome::Refused), [ids[1]]);
    assert_eq!(found.with(Outcome::Unanswered), [ids[2]]);
    assert_eq!(found.get(ids[3]), None, "the database knew");
    found.forget().unwrap();
    assert!(next.recover().unwrap().is_empty());
}

#[test]
fn what_is_not_forgotten_is_found_again() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    journal.handed_over(Uuid::from_u128(1)).unwrap();
    kill(journal);
    let next = Journal::open(folder.path()).unwrap();
    let first = next.recover().unwrap();
    assert!(
        next.recover().unwrap().is_empty(),
        "one process at a time recovers a file"
    );
    drop(first);
    assert_eq!(next.recover().unwrap().with(Outcome::Unanswered).len(), 1);
}

#[test]
fn the_files_of_living_processes_are_left_alone() {
    let folder = tempdir().unwrap();
    let alive = Journal::open(folder.path()).unwrap();
    alive.handed_over(Uuid::from_u128(1)).unwrap();
    let other = Journal::open(folder.path()).unwrap();
    assert!(other.recover().unwrap().is_empty());
    assert!(alive.recover().unwrap().is_empty(), "not even one's own");
}

#[test]
fn a_file_cut_anywhere_tells_what_is_whole() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let ids = ids(3);
    for id in &ids {
        journal.handed_over(*id).unwrap();
        journal.answered(*id, true).unwrap();
    }
    kill(journal);
    let path = files(&folder).remove(0);
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let found = Recovered::read(folder.path()).unwrap();
        let records = length / RECORD;
        assert_eq!(found.with(Outcome::Accepted).len(), records / 2);
        assert_eq!(found.with(Outcome::Unanswered).len(), records % 2);
    }
}

#[test]
fn records_that_make_no_sense_are_passed_over() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    journal.handed_over(Uuid::from_u128(1)).unwrap();
    kill(journal);
    let path = files(&folder).remove(0);
    let mut bytes = vec![0; RECORD];
    bytes.extend(fs::read(&path).unwrap());
    bytes.extend([0; 5]);
    fs::write(&path, bytes).unwrap();
    let found = Recovered::read(folder.path()).unwrap();
    assert_eq!(found.with(Outcome::Unanswered), [Uuid::from_u128(1)]);
}

#[test]
fn a_second_attempt_counts_over_the_first() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let id = Uuid::from_u128(1);
    journal.handed_over(id).unwrap();
    journal.answered(id, false).unwrap();
    journal.handed_over(id).unwrap();
    kill(journal);
    let found = Recovered::read(folder.path()).unwrap();
    assert_eq!(found.get(id), Some(Outcome::Unanswered));
}

#[test]
fn settled_segments_go_oldest_first_and_the_file_stays_small() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    let ids = ids(70_000);
    for id in &ids {
        journal.handed_over(*id).unwrap();
        journal.answered(*id, true).unwrap();
    }
    assert_eq!(files(&folder).len(), 3);
    journal.settled(&ids[40_000..]).unwrap();
    assert_eq!(
        files(&folder).len(),
        3,
        "the oldest segment still has open mails"
    );
    journal.settled(&ids[..40_000]).unwrap();
    assert_eq!(files(&folder).len(), 1);
    for chunk in ids.chunks(500) {
        for id in chunk {
            journal.handed_over(*id).unwrap();
            journal.answered(*id, true).unwrap();
        }
        journal.settled(chunk).unwrap();
    }
    let length = fs::metadata(&files(&folder)[0]).unwrap().len();
    assert!(length < 2 * EMPTY_AT_BYTES, "{length}");
    assert_eq!(journal.open_mails(), 0);
    drop(journal);
    assert!(files(&folder).is_empty(), "a clean end leaves nothing");
}

#[test]
fn many_threads_write_whole_records() {
    let folder = tempdir().unwrap();
    let journal = Journal::open(folder.path()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4u128 {
            let journal = &journal;
            scope.spawn(move || {
                for n in 0..1_000 {
                    let id = Uuid::from_u128(thread << 64 | n);
                    journal.handed_over(id).unwrap();
                    if n % 2 == 0 {
                        journal.answered(id, true).unwrap();
                    }
                }
            });
        }
    });
    kill(journal);
    let found = Recovered::read(folder.path()).unwrap();
    assert_eq!(found.with(Outcome::Accepted).len(), 2_000);
    assert_eq!(found.with(Outcome::Unanswered).len(), 2_000);
}

/// The life of the process that [`a_process_killed_for_real_leaves_its_journal`] kills.
#[test]
#[ignore = "runs until it is killed"]
fn send_until_killed() {
    let Some(folder) = std::env::var_os("JOURNAL_FOLDER") else {
        return;
    };
    let journal = Journal::open(Path::new(&folder)).unwrap();
    for n in 1.. {
        journal.handed_over(Uuid::from_u128(n)).unwrap();
        journal.answered(Uuid::from_u128(n), true).unwrap();
    }
}

#[test]
fn a_process_killed_for_real_leaves_its_journal() {
    let folder = tempdir().unwrap();
    let mut process = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "mail::journal::tests::send_until_killed",
        ])
        .env("JOURNAL_FOLDER", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let written = || {
        files(&folder)
            .iter()
            .map(|path| fs::metadata(path).map_or(0, |m| m.len()))
            .sum::<u64>()
    };
    while written() < 1_000 * RECORD as u64 {
        assert!(
            process.try_wait().unwrap().is_none(),
            "the process ended by itself"
        );
        std::thread::yield_now();
    }
    let journal = Journal::open(folder.path()).unwrap();
    assert!(journal.recover().unwrap().is_empty(), "the process lives");
    process.kill().unwrap();
    process.wait().unwrap();
    let found = journal.recover().unwrap();
    let accepted = found.with(Outcome::Accepted);
    assert!(accepted.len() >= 499);
    let last = accepted.last().unwrap().as_u128();
    assert_eq!(accepted.len() as u128, last, "no mail is missing");
    assert!(
        found
            .with(Outcome::Unanswered)
            .iter()
            .all(|id| id.as_u128() == last + 1)
    );
}
