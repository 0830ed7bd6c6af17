export { InvalidAlertsError } from './alerts/invalid-alerts-error.ts';
export { type SlackAlertsOptions, slackAlerts } from './alerts/slack-alerts.ts';
export type { Alerts, DeadLetterAlert } from './alerts.ts';
