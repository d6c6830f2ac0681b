import type { Question } from './question';
import { backlog } from './questions/backlog';
import { costShape } from './questions/cost-shape';
import { frontDoor } from './questions/front-door';
import { pickup } from './questions/pickup';
import { reading } from './questions/reading';
import { size } from './questions/size';
import { slots } from './questions/slots';
import { throughput } from './questions/throughput';

/** In the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [pickup, throughput, slots, backlog, frontDoor, reading, size, costShape];
