package io.ssegateway.gateway.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A file of {@code key=value} lines in UTF-8. Stateless. */
public final class PropertiesFile {
  private PropertiesFile() {}

  /**
   * Reads a file.
   *
   * @param setting the setting that names it, for the message
   * @throws ConfigurationException if it cannot be read, or a key stands in it twice
   */
  public static Properties read(String setting, Path path) {
    Properties properties = new StrictProperties(path);
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(setting + ": " + path + " does not exist");
    } catch (AccessDeniedException e) {
      throw new ConfigurationException(
          setting
              + ": "
              + path
              + " cannot be read by user "
              + System.getProperty("user.name")
              + " (expected: a file that it may read)");
    } catch (CharacterCodingException e) {
      throw new ConfigurationException(setting + ": " + path + " is not UTF-8");
    } catch (IllegalArgumentException | IOException e) {
      throw new ConfigurationException(
          setting + ": " + path + " cannot be read: " + e.getMessage());
    }
    return properties;
  }

  /**
   * The keys and stripped values of each name, sorted, of lines {@code NAME.key=value}.
   *
   * @param withoutName what to throw of a key that has no name; it may be a secret by mistake
   */
  public static Map<String, Map<String, String>> byName(
      Properties properties, Function<String, ConfigurationException> withoutName) {
    Map<String, Map<String, String>> byName = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      int dot = key.lastIndexOf('.');
      if (dot <= 0) {
        throw withoutName.apply(key);
      }
      byName
          .computeIfAbsent(key.substring(0, dot), name -> new TreeMap<>())
          .put(key.substring(dot + 1), properties.getProperty(key).strip());
    }
    return byName;
  }

  /** Refuses a key that stands in the file twice: one of the two would be passed over. */
  private static final class StrictProperties extends Properties {
    private static final long serialVersionUID = 1;
    private final String path;

    StrictProperties(Path path) {
      this.path = path.toString();
    }

    @Override
    public synchronized @Nullable Object put(Object key, Object value) {
      if (containsKey(key)) {
        throw new ConfigurationException("key " + key + " stands twice in " + path);
      }
      return super.put(key, value);
    }
  }
}
