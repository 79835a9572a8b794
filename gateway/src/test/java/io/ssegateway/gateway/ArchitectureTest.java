package io.ssegateway.gateway;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Everything points at the engine, and the engine points at nothing of ours. Two things are
 * between: the codec, because HTTP and the sources read messages the same way, and the way to
 * Redis, because sources and a journal lead there.
 */
@AnalyzeClasses(packages = "io.ssegateway", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ENGINE = "io.ssegateway.engine..";
  private static final String CODEC = "io.ssegateway.codec..";
  private static final String TRANSPORT = "io.ssegateway.transport..";
  private static final String METRICS = "io.ssegateway.metrics..";
  private static final String DASHBOARD = "io.ssegateway.dashboard..";
  private static final String PRESENCE = "io.ssegateway.presence..";
  private static final String STORAGE = "io.ssegateway.storage..";
  private static final String REDIS_CLIENT = "io.ssegateway.redis.client..";
  private static final String SOURCES = "io.ssegateway.sources..";

  @ArchTest
  static final ArchRule ENGINE_KNOWS_NO_OTHER_MODULE =
      noClasses()
          .that()
          .resideInAPackage(ENGINE)
          .should()
          .dependOnClassesThat(areOursOutside(ENGINE));

  @ArchTest
  static final ArchRule ENGINE_KNOWS_NO_NETTY =
      noClasses()
          .that()
          .resideInAPackage(ENGINE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule PRESENCE_SEES_ONLY_THE_ENGINE =
      noClasses()
          .that()
          .resideInAPackage(PRESENCE)
          .should()
          .dependOnClassesThat(areOursOutside(PRESENCE, ENGINE));

  @ArchTest
  static final ArchRule CODEC_SEES_ONLY_THE_ENGINE =
      noClasses()
          .that()
          .resideInAPackage(CODEC)
          .should()
          .dependOnClassesThat(areOursOutside(CODEC, ENGINE));

  @ArchTest
  static final ArchRule REDIS_CLIENT_SEES_ONLY_THE_ENGINE =
      noClasses()
          .that()
          .resideInAPackage(REDIS_CLIENT)
          .should()
          .dependOnClassesThat(areOursOutside(REDIS_CLIENT, ENGINE));

  @ArchTest
  static final ArchRule ONLY_WHAT_IS_MADE_FOR_REDIS_KNOWS_THE_WAY_THERE =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              REDIS_CLIENT,
              "io.ssegateway.sources.redis..",
              "io.ssegateway.storage.redis..",
              "io.ssegateway.gateway..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(REDIS_CLIENT);

  @ArchTest
  static final ArchRule TRANSPORT_SEES_ONLY_THE_ENGINE_AND_THE_CODEC =
      noClasses()
          .that()
          .resideInAPackage(TRANSPORT)
          .should()
          .dependOnClassesThat(areOursOutside(TRANSPORT, ENGINE, CODEC))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule METRICS_SEE_ONLY_THE_ENGINE_AND_THE_TRANSPORT =
      noClasses()
          .that()
          .resideInAPackage(METRICS)
          .should()
          .dependOnClassesThat(areOursOutside(METRICS, ENGINE, TRANSPORT));

  @ArchTest
  static final ArchRule DASHBOARD_SEES_ONLY_THE_TRANSPORT =
      noClasses()
          .that()
          .resideInAPackage(DASHBOARD)
          .should()
          .dependOnClassesThat(areOursOutside(DASHBOARD, TRANSPORT));

  @ArchTest
  static final ArchRule ONLY_THE_METRICS_KNOW_MICROMETER =
      noClasses()
          .that()
          .resideInAnyPackage(ENGINE, CODEC, TRANSPORT, DASHBOARD, STORAGE, SOURCES)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micrometer..");

  @ArchTest
  static final ArchRule STORAGES_SEE_ONLY_THE_ENGINE_AND_THE_WAY_TO_REDIS =
      noClasses()
          .that()
          .resideInAPackage(STORAGE)
          .should()
          .dependOnClassesThat(areOursOutside(STORAGE, ENGINE, REDIS_CLIENT))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule STORAGES_DO_NOT_SEE_EACH_OTHER =
      slices()
          .matching("io.ssegateway.storage.(*)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule SOURCES_SEE_ONLY_THE_ENGINE_THE_CODEC_AND_THE_WAY_TO_REDIS =
      noClasses()
          .that()
          .resideInAPackage(SOURCES)
          .should()
          .dependOnClassesThat(areOursOutside(SOURCES, ENGINE, CODEC, REDIS_CLIENT))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule SOURCES_DO_NOT_SEE_EACH_OTHER =
      slices()
          .matching("io.ssegateway.sources.(*)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule AUTHENTICATORS_SEE_ONLY_THE_TRANSPORT =
      noClasses()
          .that()
          .resideInAPackage("io.ssegateway.auth..")
          .should()
          .dependOnClassesThat(areOursOutside("io.ssegateway.auth..", TRANSPORT))
          .allowEmptyShould(true);

  private static DescribedPredicate<JavaClass> areOursOutside(String... allowed) {
    return resideInAPackage("io.ssegateway..").and(not(resideInAnyPackage(allowed)));
  }
}
