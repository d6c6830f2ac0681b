import { planImport } from './import-plan';

const known = (externalId: string, content: string, isActive = true) => ({ externalId, content, isActive });
const offered = (externalId: string, content: string, isUsable = true) => ({ externalId, content, isUsable });

describe('planImport', () => {
  it('creates what is new, updates what differs, deactivates what is gone, and leaves the rest alone', () => {
    const plan = planImport(
      [known('same', 'A'), known('changed', 'B'), known('gone', 'C')],
      [offered('same', 'A'), offered('changed', 'B2'), offered('new', 'D')],
    );
    expect(plan.create.map((one) => one.externalId)).toEqual(['new']);
    expect(plan.update.map((one) => one.offered.content)).toEqual(['B2']);
    expect(plan.deactivate.map((one) => one.externalId)).toEqual(['gone']);
  });

  it('deactivates what the vendor no longer lets us use, and does not create it', () => {
    const plan = planImport(
      [known('blocked', 'A')],
      [offered('blocked', 'A', false), offered('activating', 'B', false)],
    );
    expect(plan).toMatchObject({ create: [], update: [], deactivate: [{ externalId: 'blocked' }] });
  });

  it('never switches on what is off, and does not count it as deactivated again', () => {
    const plan = planImport([known('off', 'A', false), known('off-and-gone', 'B', false)], [offered('off', 'A')]);
    expect(plan).toEqual({ create: [], update: [], deactivate: [] });
  });

  it('takes a thing that the vendor lists twice once', () => {
    expect(planImport([], [offered('twice', 'A'), offered('twice', 'A')]).create).toHaveLength(1);
  });
});
