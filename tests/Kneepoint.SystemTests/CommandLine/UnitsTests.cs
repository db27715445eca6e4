using Kneepoint.App;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(1_000_000, "1MB")]
    [InlineData(500_000, "500KB")]
    [InlineData(1_572_864, "1.5MiB")]
    [InlineData(1_048_576, "1MiB")]
    [InlineData(4044, "4044")]
    [InlineData(5100, "5100")]
    [InlineData(0, "0")]
    public void Bug_a_size_was_given_back_in_another_unit_than_it_was_typed_in(double bytes, string expected) => Assert.Equal(expected, Units.Shortest(bytes, BudgetUnit.Bytes));

    [Theory]
    [InlineData(0.25, BudgetUnit.Milliseconds, "250us")]
    [InlineData(0.4, BudgetUnit.Milliseconds, "400us")]
    [InlineData(3, BudgetUnit.Milliseconds, "3ms")]
    [InlineData(1500, BudgetUnit.Milliseconds, "1.5s")]
    [InlineData(20_000_000, BudgetUnit.Count, "20M")]
    [InlineData(0.01, BudgetUnit.Metric, "0.01")]
    public void Counts_and_times_are_given_in_the_unit_that_is_shortest(double limit, BudgetUnit unit, string expected) => Assert.Equal(expected, Units.Shortest(limit, unit));

    [Fact]
    public void Whatever_is_given_back_reads_as_the_same_number()
    {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++)
        {
            long bytes = random.NextInt64(1L << random.Next(1, 45));
            double milliseconds = random.NextDouble() * Math.Pow(10, random.Next(-3, 5));

            Assert.Equal(bytes, Units.ParseBytes("--x", Units.Shortest(bytes, BudgetUnit.Bytes)));
            Assert.Equal(bytes, Units.ParseCount("--x", Units.Shortest(bytes, BudgetUnit.Count)));
            Assert.Equal(milliseconds, Units.ParseMilliseconds("--x", Units.Shortest(milliseconds, BudgetUnit.Milliseconds)));
        }
    }
}
