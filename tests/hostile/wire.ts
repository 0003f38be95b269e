import { connect } from 'node:net';

/** Sends bytes as they are and answers what came back until the server closed, or until `enough` says so. */
export function sendRaw(
  url: string,
  chunks: readonly (string | Buffer)[],
  enough: (received: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    const end = () => {
      socket.destroy();
      resolve(received);
    };
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (enough(received)) end();
    });
    // A server that has answered may cut off what is still being sent.
    socket.on('error', end);
    socket.on('close', end);
    for (const chunk of chunks) socket.write(chunk);
  });
}

export const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
