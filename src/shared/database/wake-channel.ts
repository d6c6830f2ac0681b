/** Dispatchers listen on it; the payload is empty. A trigger announces queued calls there. */
export const WAKE_CHANNEL = 'ringonce_calls';
