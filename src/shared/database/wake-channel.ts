/** Dispatchers listen on it; the payload is empty. A trigger announces queued calls there. */
export const WAKE_CHANNEL = 'ringonce_calls';

/** Whoever is about to dial listens on it: the queue was paused, stopped or resumed. The payload is empty. */
export const CONTROL_CHANNEL = 'ringonce_control';
