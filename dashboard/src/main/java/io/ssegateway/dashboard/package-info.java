/**
 * The web page at {@code /dashboard}, for a {@link io.ssegateway.transport.netty.Gateway}.
 *
 * <pre>
 *  /dashboard          index.html, checked again by its ETag each time
 *  /dashboard/HASH/…   scripts, styles and the plotting library, kept for ever: HASH is of them all
 *
 *  index.html ─▶ app.js ─▶ overview.js ─▶ plots.js ─▶ uPlot (a webjar)
 *                   │  ├──▶ channels.js, connections.js ─▶ table.js
 *                   │  └──▶ messages.js
 *                   └─────▶ api.js (token, requests, streams that come back)
 * </pre>
 *
 * The page is made of files alone: what it shows it asks of {@code /api} with the token of whoever
 * looks, so the page itself holds no secret and needs no role.
 */
@NullMarked
package io.ssegateway.dashboard;

import org.jspecify.annotations.NullMarked;
