//! Several at one long list: processors, or whoever waits for others. The order of the answers is that of the questions.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

/// Does `work` on every item, shared among the processors where the list is long enough to be worth it.
pub fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if processors == 1 || items.len() < WORTH_SHARING {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(processors);
    let mut shares: Vec<Vec<T>> = Vec::with_capacity(processors);
    let mut items = items.into_iter();
    loop {
        let next: Vec<T> = items.by_ref().take(share).collect();
        if next.is_empty() {
            break;
        }
        shares.push(next);
    }
    thread::scope(|scope| {
        let work = &work;
        let handles: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<R>>()))
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Does `work`, which waits for others most of the time, on every item, at most so many together: there may be many more of
/// them than processors. `done` is called after each.
pub fn wait_for_all<T: Send, R: Send>(
    items: Vec<T>,
    together: usize,
    work: impl Fn(T) -> R + Sync,
    mut done: impl FnMut(),
) -> Vec<R> {
    let at_work = items.len().min(together);
    let (items, (sender, receiver)) = (Mutex::new(items.into_iter().enumerate()), mpsc::channel());
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let mut answers: Vec<(usize, R)> = thread::scope(|scope| {
        for _ in 0..at_work {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((place, item)) = next() {
                    // Whoever waits for the answers does so until the last.
                    let _ = sender.send((place, work(item)));
                }
            });
        }
        drop(sender);
        receiver.into_iter().inspect(|_| done()).collect()
    });
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Below this, starting a thread costs more than it saves.
const WORTH_SHARING: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_keep_the_order_of_the_questions() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let doubled = map((0..length).collect(), |number: usize| number * 2);
            assert_eq!(doubled, (0..length).map(|number| number * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn whoever_waits_does_so_with_others_and_each_is_counted() {
        let (meeting, mut counted) = (std::sync::Barrier::new(20), 0);
        let wait = |number: usize| {
            // Nobody passes before all of twenty have come.
            meeting.wait();
            number * 2
        };
        assert_eq!(
            wait_for_all((0..20).collect(), 20, wait, || counted += 1),
            (0..20).map(|it| it * 2).collect::<Vec<_>>()
        );
        assert_eq!(counted, 20);
        let (at_work, most) = (Mutex::new(0), Mutex::new(0));
        let work = |_| {
            *at_work.lock().unwrap() += 1;
            thread::sleep(std::time::Duration::from_millis(2));
            let mut now = at_work.lock().unwrap();
            let mut most = most.lock().unwrap();
            *most = (*most).max(*now);
            *now -= 1;
        };
        assert_eq!(wait_for_all((0..50).collect::<Vec<usize>>(), 3, work, || ()).len(), 50);
        assert!(*most.lock().unwrap() <= 3);
        assert!(wait_for_all(Vec::<usize>::new(), 3, |it| it, || ()).is_empty());
    }
}
