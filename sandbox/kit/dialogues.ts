/** What an assistant is called, and what is said in turn; the assistant begins. Lines may hold `{{variables}}`. */
export interface Dialogue {
  readonly name: string;
  readonly dialogue: readonly string[];
}

export const APPOINTMENT_REMINDER: Dialogue = {
  name: 'Appointment reminder',
  dialogue: [
    'Hello {{customerName}}, this is the front desk. I am calling about your appointment on {{appointmentDate}}.',
    'Yes, I remember.',
    'Would you like to keep it?',
    'I will be there, thank you.',
    'Wonderful, see you then. Goodbye!',
  ],
};

export const DELIVERY_UPDATE: Dialogue = {
  name: 'Delivery update',
  dialogue: [
    'Good day {{customerName}}, your order {{orderNumber}} is on its way.',
    'Oh good. When will it be here?',
    'Between ten and noon. Is anybody home?',
    'Somebody will be.',
    'Then all is well. Have a nice day!',
  ],
};

export const SATISFACTION_SURVEY: Dialogue = {
  name: 'Satisfaction survey',
  dialogue: [
    'Hello {{customerName}}, may I ask how happy you are with us, from one to five?',
    'Let me say four.',
    'Thank you. What could we do better?',
    'Answer the phone a little faster.',
    'Noted. Thank you for your time.',
  ],
};
