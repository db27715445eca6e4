using CsCheck;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding.Packing;

public sealed class StepGridTests
{
    static readonly Gen<float> AnyStep = Gen.OneOf(Gen.Float[1e-6f, 1f], Gen.OneOf((float[])[0.1f, 1f, 1 / 127f, 3e-39f, 1e30f]));

    [Fact]
    public void The_step_of_all_numbers_is_found() => Gen.Select(AnyStep, Gen.Int[-127, 127].Array[1, 60]).Sample((step, multiples) =>
        Rebuilds(Multiples(multiples, _ => step), new IndexShape(1, multiples.Length, 1), multiples.All(m => m == 0) || !multiples.Contains(1) && !multiples.Contains(-1) ? null : StepAxis.All));

    [Fact]
    public void Steps_of_rows_are_found() => Gen.Select(Gen.Int[2, 6], Gen.Int[6, 20]).SelectMany((rows, columns) =>
        Gen.Select(AnyStep.Array[rows], Gen.Int[-127, 127].Array[rows * columns]).Select((steps, multiples) => (steps, multiples, rows, columns))).Sample(x =>
    {
        for (int row = 0; row < x.rows; row++) (x.multiples[row * x.columns], x.steps[row]) = (1, x.steps[row] * (1 + 0.0137f * row));
        Assert.True(Rebuilds(Multiples(x.multiples, i => x.steps[i / x.columns]), new IndexShape(x.rows, x.columns, 1), null));
    });

    [Fact]
    public void Steps_of_columns_are_found()
    {
        var random = new Random(1);
        float[] steps = [.. Enumerable.Range(0, 9).Select(_ => random.NextSingle())];
        int[] multiples = [.. Enumerable.Range(0, 90).Select(i => i < 9 ? 1 : random.Next(-127, 128))];
        float[] values = Multiples(multiples, i => steps[i % 9]);

        var found = StepGrid.Find(values, new IndexShape(10, 9, 1), new int[90]);

        Assert.Equal(StepAxis.Column, found?.Axis);
        Assert.True(Rebuilds(values, new IndexShape(10, 9, 1), StepAxis.Column));
    }

    [Fact]
    public void Rows_are_tried_before_columns()
    {
        float[] steps = [0.1f, 0.1234567f, 0.7654321f];
        float[] values = Multiples([1, 2, 3, 5, 1, 7, -9, 1, 127], i => steps[i / 3]);

        Assert.Equal(StepAxis.Row, StepGrid.Find(values, new IndexShape(3, 3, 1), new int[9])?.Axis);
    }

    [Fact]
    public void A_step_that_itself_never_occurs_is_found() => Assert.True(Rebuilds([2 * 0.1f, 3 * 0.1f, -5 * 0.1f, 7 * 0.1f], new IndexShape(1, 4, 1), StepAxis.All));

    [Fact]
    public void Zeros_alone_have_the_step_zero()
    {
        int[] multiples = [5, 5, 5];

        var found = StepGrid.Find(new float[3], new IndexShape(1, 3, 1), multiples);

        Assert.Equal([0f], found!.Value.Steps);
        Assert.Equal([0, 0, 0], multiples);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-0f)]
    [InlineData(0.1234f)]
    [InlineData(1e30f)]
    [InlineData(float.Epsilon)]
    public void One_number_that_does_not_fit_refuses_all(float odd) => Assert.Null(StepGrid.Find([0.5f, 1f, odd, -2f], new IndexShape(1, 4, 1), new int[4]));

    [Fact]
    public void Noise_has_no_steps()
    {
        var random = new Random(2);
        float[] values = [.. Enumerable.Range(0, 100).Select(_ => random.NextSingle() - 0.5f)];

        Assert.Null(StepGrid.Find(values, new IndexShape(10, 10, 1), new int[100]));
    }

    [Fact]
    public void What_is_found_rebuilds_the_numbers_to_the_bit() =>
        Gen.OneOf(Gen.Single, Gen.Float[-1, 1], Gen.Int[-9, 9].Select(i => i * 0.3f), Gen.OneOf((float[])[0f, float.Epsilon, -float.Epsilon, 3 * float.Epsilon])).Array[1, 6].Sample(values =>
            Rebuilds(values, new IndexShape(1, values.Length, 1), null));

    static float[] Multiples(int[] multiples, Func<int, float> step) => [.. multiples.Select((m, i) => m * step(i)).Select(v => v == 0 ? 0 : v)];

    // Either nothing is found and nothing was expected, or steps times multiples are the numbers.
    static bool Rebuilds(float[] values, IndexShape shape, StepAxis? expected)
    {
        int[] multiples = new int[values.Length];
        if (StepGrid.Find(values, shape, multiples) is not var (steps, axis)) return expected is null;
        Assert.True(expected is null || expected == axis);
        for (int i = 0; i < values.Length; i++)
        {
            float step = steps[axis switch { StepAxis.Row => i / shape.Columns, StepAxis.Column => i % shape.Columns, _ => 0 }];
            Assert.Equal(BitConverter.SingleToUInt32Bits(values[i]), BitConverter.SingleToUInt32Bits(multiples[i] * step));
        }

        return true;
    }
}
