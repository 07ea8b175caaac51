// SPDX-License-Identifier: GPL-2.0-or-later
'use strict';
// All there is to read is in the page already.  This copies a script.

function copy(pre) {
  const range = document.createRange();
  range.selectNodeContents(pre);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand('copy');
}

for (const pre of document.querySelectorAll('pre.script')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', () => {
    button.textContent = copy(pre) ? 'Copied' : 'Selected';
  });
  pre.before(button);
}
