import { expect, test } from '@jest/globals';
import { markdown } from '../../src/sandbox/chart/markdown.ts';

test('markup in a record stays text', () => {
  expect(markdown('<script>x</script> [a](javascript:b)').markup).toBe(
    '<p>&lt;script&gt;x&lt;/script&gt; [a](javascript:b)</p>',
  );
});

test('an escaped character is itself and means nothing', () => {
  expect(markdown('Until May\\. \\*\\*not bold\\*\\* \\\\ \\<b\\>').markup).toBe(
    '<p>Until May. **not bold** \\ &lt;b&gt;</p>',
  );
  expect(markdown('\\- no item\n\\# no heading').markup).toBe('<p>- no item</p><p># no heading</p>');
});

test('a backslash before a letter is a backslash', () => {
  expect(markdown('a\\b').markup).toBe('<p>a\\b</p>');
});

test('headings, lists and bold are markup', () => {
  expect(markdown('# Plan\n\n**Asthma**\n- one\n- **two**').markup).toBe(
    '<h4>Plan</h4><p><strong>Asthma</strong></p><ul><li>one</li><li><strong>two</strong></li></ul>',
  );
});
