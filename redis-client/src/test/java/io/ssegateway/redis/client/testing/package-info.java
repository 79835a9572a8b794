/** Real Redis servers for the tests of whatever reads from Redis or writes to it. */
package io.ssegateway.redis.client.testing;
