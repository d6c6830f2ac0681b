import { Cleanups } from './cleanups';

describe('cleanups', () => {
  it('stop the last one first, and the others although one cannot be stopped', async () => {
    const cleanups = new Cleanups();
    const stopped: string[] = [];
    for (const name of ['first', 'second']) cleanups.add(() => stopped.push(name));
    cleanups.add(() => Promise.reject(new Error('the third one hangs')));
    await expect(cleanups.run()).rejects.toThrow('the third one hangs');
    expect(stopped).toEqual(['second', 'first']);
    await cleanups.run();
    expect(stopped).toHaveLength(2);
  });

  it('wait for what is only starting, and pass over what could not be started', async () => {
    const cleanups = new Cleanups();
    const stopped: string[] = [];
    const failing = cleanups.start(Promise.reject(new Error('no room')), () => stopped.push('what never started'));
    let start: (name: string) => void = () => undefined;
    void cleanups.start(new Promise<string>((resolve) => (start = resolve)), (name) => stopped.push(name));
    await expect(failing).rejects.toThrow('no room');
    const end = cleanups.run();
    start('what started late');
    await end;
    expect(stopped).toEqual(['what started late']);
  });
});
