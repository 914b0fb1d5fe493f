// Frames that begin at a part of their page. An address with a fragment would scroll the page around the frame, too.
for (const frame of document.querySelectorAll("iframe[data-begin]")) {
  const begin = () => {
    const part = frame.contentDocument?.getElementById(frame.dataset.begin); // null when read from files
    if (part) frame.contentWindow.scrollTo(0, part.getBoundingClientRect().top + frame.contentWindow.scrollY - 8);
  };
  frame.addEventListener("load", begin);
  begin();
}
