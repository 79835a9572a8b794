/** A Spring Boot application that embeds the gateway. */
@NullMarked
package io.ssegateway.examples.spring;

import org.jspecify.annotations.NullMarked;
