import { limits } from '../../base/limits.ts';

/**
 * The long ones among the passwords that are tried first everywhere, and the words of this house. Compared in lower case, without
 * anything but letters and digits.
 */
const commonest = [
  'password1234', 'passwordpassword', 'password12345', 'password123456', 'qwertyuiop12', 'qwertyuiopasdf', 'qwertyuiop123',
  'qwerty123456', '1q2w3e4r5t6y', '1qaz2wsx3edc', '1qaz2wsx3edc4rfv', 'q1w2e3r4t5y6', 'asdfghjkl123', 'zxcvbnm12345',
  '123456789012', '1234567890123', '12345678901234', '123456789abc', '1234567890ab', '123123123123', '123412341234', '012345678901',
  '987654321098', '098765432109', '112233445566', 'abcdefghijkl', 'abcdefghijklm', 'abcd12345678', 'abc123abc123', 'a1b2c3d4e5f6',
  'aa123456789', 'iloveyou1234', 'iloveyouiloveyou', 'letmeinletmein', 'letmein12345', 'welcome12345', 'welcomewelcome', 'changeme1234',
  'changemechangeme', 'administrator', 'administrator1', 'adminadminadmin', 'admin1234567', 'trustno1trustno1', 'monkeymonkey',
  'dragondragon', 'footballfootball', 'baseball1234', 'sunshine1234', 'princess1234', 'superman1234', 'correcthorsebatterystaple',
  'careweave1234', 'careweavecareweave', 'hospital1234', 'children1234',
]; // biome-ignore format: a list

/** What is wrong with a password (`words/`, password); undefined when nothing is. Length alone counts, and that it is not a well-known one. */
export function passwordProblem(password: string, username: string): 'short' | 'long' | 'plain' | undefined {
  const { passwordLength, passwordBytes } = limits.people;
  if ([...password].length < passwordLength) return 'short';
  if (Buffer.byteLength(password) > passwordBytes) return 'long';
  const bare = password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const name = username.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const holdsName = name.length >= 5 && bare.includes(name);
  const plain = new Set(bare).size < 4 || commonest.includes(bare) || holdsName;
  return plain ? 'plain' : undefined;
}
