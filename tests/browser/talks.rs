//! A talk that is recorded: the caller and the operator know, and a supervisor hears both of them.

use crate::server::Server;
use crate::voices::{CALLER, OPERATOR, asks_for_a_person, both, talk};
use crate::wall::at_the_wall;

/// How loud a recording is at a frequency, as a share of all there is in it, as soon as it has been fetched.
const SHARE: &str = "async (file, frequency) => { \
    let answer = await fetch(file); \
    while (answer.status === 503) { \
        await new Promise((later) => setTimeout(later, 200)); \
        answer = await fetch(file); \
    } \
    const bytes = await answer.arrayBuffer(); \
    const sound = await new OfflineAudioContext(1, 8000, 8000).decodeAudioData(bytes); \
    const samples = sound.getChannelData(0); \
    let [re, im, all] = [0, 0, 0]; \
    samples.forEach((sample, at) => { \
        const turn = (2 * Math.PI * frequency * at) / sound.sampleRate; \
        re += sample * Math.cos(turn); \
        im += sample * Math.sin(turn); \
        all += sample * sample; \
    }); \
    return (2 * (re * re + im * im)) / (all * samples.length); \
}";

#[tokio::test]
async fn a_talk_is_recorded_and_a_supervisor_hears_both() {
    let server = Server::with("record-talks = true\n");
    let ((phone, desk), wall) = tokio::join!(both(&server), at_the_wall(&server));
    asks_for_a_person(&phone).await;
    phone.hears("op.recorded").await;
    talk(&phone, &desk).await;
    desk.until("document.getElementById('about').textContent.includes('The talk is recorded')").await;
    phone.hears_tone(OPERATOR, CALLER).await;
    desk.hears_tone(CALLER, OPERATOR).await;
    desk.click("#hang-up").await;
    phone.hears("survey.ask").await;
    phone.click("#hang-up").await;
    phone.state("over").await;

    wall.goes(&server.url("/desk/wall/calls?lang=en")).await;
    let call = wall.until("document.querySelector('main td a[href*=calls]')?.href").await;
    wall.goes(call.as_str().unwrap()).await;
    let file = wall.until("document.querySelector('.recordings audio')?.src").await;
    for (frequency, is_there) in [(CALLER, true), (OPERATOR, true), (700, false)] {
        let share = wall.eval(&format!("({SHARE})({file}, {frequency})")).await.as_f64().unwrap();
        assert_eq!(share > 0.05, is_there, "{share} at {frequency} Hz");
    }
    phone.is_clean();
    desk.is_clean();
}
