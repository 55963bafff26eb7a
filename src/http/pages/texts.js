// Every text of the pages, Chinese and English, one line each, and the language that is shown.
//
// HTML names its texts: `data-text="key"` for what stands there, `data-label="key"` for what a screen reader says.

const TEXTS = {
  // Both pages.
  "page.phone": ["电话", "Telephone"],
  "page.desk": ["坐席", "Operator's desk"],
  "skip": ["跳到电话", "Skip to the telephone"],
  "language.other": ["English", "中文"],
  "no-connection": ["没有连接，正在重试…", "No connection. Trying again…"],
  "key": ["按键 {key}", "Key {key}"],
  "key.star": ["星号", "star"],
  "key.pound": ["井号", "pound"],
  "keys": ["电话按键", "Keys of the telephone"],
  "heard": ["通话内容", "What is heard"],
  "heard.empty": ["接通后，听到的话会逐句显示在这里。", "During a call, each sentence is shown here as it is heard."],
  "pressed": ["您按了", "You pressed"],
  "pressed.hidden": ["您输入的号码不显示", "What you enter is not shown"],
  "pressed.lost": ["（此时不收按键）", "(not taken just now)"],
  "mute": ["静音", "Mute"],
  "unmute": ["取消静音", "Unmute"],
  "hang-up": ["挂断", "Hang up"],
  "unlock": ["请点一下页面或按任意键，声音才会响起。", "Click the page or press any key to hear the sound."],
  "settings": ["设置", "Settings"],
  "settings.keyboard": ["用键盘按键", "Press keys with the keyboard"],
  "settings.live": ["读屏软件朗读字幕", "Screen readers read what is heard"],
  "help": ["帮助", "Help"],
  "help.sound": ["听不到声音？请调高设备音量，并用耳机以免回声。", "No sound? Turn up the volume. Headphones prevent an echo."],
  "save": ["保存通话内容", "Save the conversation"],
  "model": ["示例热线：人员和数据都是虚构的，不是官方服务。", "A model of such a line with invented people. It is not the official service."],

  // The telephone and its states.
  "call": ["拨打", "Call"],
  "state.ready": ["可以拨打", "Ready"],
  "state.calling": ["正在拨打…", "Calling…"],
  "state.in-call": ["通话中", "In a call"],
  "state.ringing": ["正在呼叫人工坐席…", "Ringing an operator…"],
  "state.talking": ["正在与坐席通话", "Talking to an operator"],
  "state.recording": ["正在录音，请讲", "Recording, please speak"],
  "state.over": ["通话结束", "The call is over"],
  "state.lost": ["连接中断，正在重试…", "Connection lost. Trying again…"],
  "hint.ready": ["请先按“拨打”。", "Press Call first."],
  "called": ["拨打号码", "Number to call"],
  "caller": ["来电号码", "Your number"],
  "caller.hint": ["以 + 和国家代码开头", "Begins with + and the country code"],
  "caller.withheld": ["不显示来电号码", "Withhold the number"],
  "timer": ["通话时间", "Time in the call"],
  "help.keys": ["用键盘：0–9、*、# 就是电话按键，数字小键盘的 / 也是 #。待机时按回车键拨打。没有挂断的快捷键，以免误挂；用 Shift+Tab 移到“挂断”，再按空格键。", "By keyboard: 0–9, * and # are the keys, and so is / for #. Enter calls while the telephone is ready. No key hangs up, so that none does by mistake; Shift+Tab goes to Hang up, the space bar presses it."],
  "help.x": ["身份证号码末位是 X 时按 *。", "For an X at the end of an ID number press *."],
  "help.desk": ["打开坐席页面", "Open the operator's desk"],
  "desks.none": ["现在没有坐席在线。请在另一个标签页打开坐席页面并接听：", "Nobody is at a desk. Open the desk in a second tab and answer there:"],

  // What happened.
  "noted.connected": ["已接通", "Connected"],
  "noted.again": ["已重新接上", "Connected again"],
  "noted.dials": ["呼叫人工坐席", "An operator is rung"],
  "noted.held": ["坐席请您稍等", "The operator asks you to hold"],
  "noted.resumed": ["坐席回来了", "The operator is back"],
  "noted.talks": ["双方通话", "The two hear each other"],
  "noted.recorded": ["录音 {seconds} 秒", "{seconds} s recorded"],
  "apart.talked": ["与坐席的通话结束", "The talk is over"],
  "apart.busy": ["坐席忙", "The operator is busy"],
  "apart.no-answer": ["坐席无人接听", "The operator did not answer"],
  "apart.declined": ["坐席没有接", "The operator did not take the call"],
  "apart.failed": ["没有接通坐席", "The operator could not be reached"],
  "apart.abandoned": ["来电者先挂断了", "The caller hung up first"],
  "ended.finished": ["热线结束了通话", "The line ended the call"],
  "ended.caller-hung-up": ["来电者挂断了", "The caller hung up"],
  "ended.handed-over": ["坐席一端结束", "The operator's end is over"],
  "ended.refused": ["热线正忙，没有接听", "The line is full and did not answer"],
  "ended.too-long": ["达到最长通话时间", "The longest time of a call was reached"],
  "ended.lost": ["通话中断太久", "The call was lost for too long"],
  "ended.our-fault": ["热线出错", "Something failed in the line"],
  "ended.provider-fault": ["电话网络出错", "Something failed in the telephone network"],
  "ended.unknown": ["热线不认得这个通话", "The line does not know this call"],
  "trouble.no-document": ["热线没有给出可用的应答，通话中断。", "The line did not answer in a usable way. The call is lost."],
  "trouble.bad-message": ["页面与服务不一致，请重新载入页面。", "Page and server do not match. Load the page again."],
  "trouble.not-now": ["现在不能这样做。", "That cannot be done now."],
  "trouble.bad-number": ["来电号码不对，例：+8612012345678。", "Your number is not valid. Example: +8612012345678."],
  "trouble.call-gone": ["中断时间太长，原来的通话已经结束。请重新拨打。", "It took too long: the call has ended. Please call again."],
  "trouble.full": ["同时通话的人太多，请稍后再拨。", "Too many calls at once. Please call again later."],

  // The microphone.
  "mic.open": ["现在允许使用麦克风", "Allow the microphone now"],
  "mic.later": ["要与坐席通话或留言时，才会请您允许使用麦克风。", "The microphone is asked for only when you are put through or leave a message."],
  "mic.asking": ["请在浏览器的提示中允许使用麦克风。", "Please allow the microphone when the browser asks."],
  "mic.on": ["麦克风已打开。", "The microphone is on."],
  "mic.muted": ["已静音，对方听不到您。", "Muted: you are not heard."],
  "mic.denied": ["浏览器没有允许使用麦克风：您听得到对方，对方听不到您。点地址栏旁的图标，允许麦克风，再点这里。", "The browser does not allow the microphone: you hear, but are not heard. Click the icon beside the address, allow the microphone, then press here."],
  "mic.missing": ["没有找到可用的麦克风：您听得到对方，对方听不到您。接上麦克风，再点这里。", "No microphone works: you hear, but are not heard. Plug one in, then press here."],
  "mic.retry": ["再试麦克风", "Try the microphone again"],
  "insecure": ["这个地址不是 HTTPS，浏览器因此不给页面声音和麦克风；字幕由浏览器朗读。", "This address is not HTTPS, so the browser gives the page neither sound nor microphone; captions are read out by the browser instead."],
  "insecure.link": ["改用安全地址", "Use the secure address"],
  "insecure.why": ["浏览器会警告证书不受信任：证书是这台服务器自己签发的，没有别的机构为它作证，但连接是加密的。确认地址是您自己的服务器后，选“高级”，再选“继续前往”。", "The browser will warn of the certificate: this server signed it itself and nobody else vouches for it; the connection is encrypted all the same. If the address is your own server's, choose Advanced, then Proceed."],
  "insecure.local": ["请在运行服务的机器上用 localhost 打开，或为服务配置证书（--tls-cert、--tls-key）。", "Open the page as localhost on the server's own machine, or give the server a certificate (--tls-cert, --tls-key)."],

  // Try it.
  "try": ["试一试：听医保账户余额", "Try it: hear an account balance"],
  "try.how": ["从上到下依次按。用自己的手指按电话键也可以。", "Press these from top to bottom, or the same keys on the telephone."],
  "try.next": ["第 {number} 步：", "Step {number}:"],
  "try.person": ["试用身份", "Person"],
  "try.call": ["拨打热线", "Call the line"],
  "try.language": ["选普通话", "Choose English"],
  "try.balance": ["查医保账户余额", "Ask for the balance"],
  "try.method": ["用身份证号码验证", "Verify by ID number"],
  "try.id": ["输入身份证号码", "Enter the ID number"],
  "try.pin": ["输入密码", "Enter the PIN"],
  "try.done": ["听余额。", "Hear the balance."],

  // The author's panel.
  "author": ["作者视图", "Author's view"],
  "author.picture": ["流程图", "Picture of the flow"],
  "author.part": ["所在部分：{part}", "Part: {part}"],
  "author.here": ["当前节点", "Node now"],
  "author.no-picture": ["流程图打不开。", "The picture cannot be shown."],
  "author.turns": ["请求与应答", "Requests and documents"],
  "author.empty": ["通话开始后，每个请求和应答都列在这里。", "Each request and its document is listed here during a call."],
  "author.turn": ["第 {number} 次", "Turn {number}"],
  "author.took": ["{ms} 毫秒", "{ms} ms"],
  "author.tries": ["请求 {tries} 次", "{tries} tries"],
  "author.caller": ["来电者", "caller"],
  "author.operator": ["坐席", "operator"],
  "author.events": ["发生了什么", "What happened"],
  "author.nodes": ["经过的节点", "Nodes"],
  "author.request": ["请求", "Request"],
  "author.document": ["应答 {status}", "Document {status}"],
  "author.copy": ["复制", "Copy"],
  "author.copied": ["已复制", "Copied"],

};

const LANGUAGES = ["zh-CN", "en"];
const KEPT = "language";

const listeners = [];
let language = localStorage.getItem(KEPT) ?? (navigator.language.startsWith("zh") ? "zh-CN" : "en");

/** The text of a key, with its `{names}` filled in. */
export function text(key, values = {}) {
  const found = TEXTS[key][LANGUAGES.indexOf(language)];
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Texts of one page, beside those of all. */
export function addTexts(more) {
  Object.assign(TEXTS, more);
}

/** Whether there is such a text. */
export function knows(key) {
  return key in TEXTS;
}

/** `zh-CN` or `en`. */
export function shown() {
  return language;
}

/** Calls `again` now and whenever the language changes. */
export function onLanguage(again) {
  listeners.push(again);
  again();
}

/** Shows the page in its language and lets `button` change it. */
export function startTexts(button) {
  button.addEventListener("click", () => {
    language = LANGUAGES.find((other) => other !== language);
    localStorage.setItem(KEPT, language);
    listeners.forEach((again) => again());
  });
  onLanguage(() => {
    document.documentElement.lang = language;
    button.lang = LANGUAGES.find((other) => other !== language);
    document.querySelectorAll("[data-text]").forEach((element) => {
      element.textContent = text(element.dataset.text);
    });
    document.querySelectorAll("[data-label]").forEach((element) => {
      element.setAttribute("aria-label", text(element.dataset.label));
    });
  });
}
