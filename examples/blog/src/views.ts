import { definePart } from '@pipit/bootstrap';
import { commentedView, commenterView } from './comments/reference-views.ts';
import { database } from './database/database.ts';
import { followerView } from './notifications/follower-view.ts';
import { recipientView } from './notifications/recipient-view.ts';
import { authorView } from './posts/author-view.ts';
import { postView } from './posts/post-view.ts';
import { userView } from './users/user-view.ts';

/** Everything that can be read, each module's own. */
export const views = definePart('views', {
  needs: { database },
  start: ({ database: { db } }) => ({
    users: userView(db),
    posts: postView(db),
    authors: authorView(db),
    commenters: commenterView(db),
    commented: commentedView(db),
    recipients: recipientView(db),
    followers: followerView(db),
  }),
});
