using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of arithmetic with stretched operands, and of selections, against differences.</summary>
public sealed class ArithmeticRuleTests
{
    public static TheoryData<string, long[], long[]> Pairs
    {
        get
        {
            var data = new TheoryData<string, long[], long[]>();
            foreach (string operation in new[] { "Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean" })
            {
                data.Add(operation, [2, 3, 4], [2, 3, 4]);
                data.Add(operation, [2, 3, 4], [3, 1]);
                data.Add(operation, [2, 1, 4], [5, 1, 3, 1]);
                data.Add(operation, [1], [2, 3]);
                data.Add(operation, [2, 3], []);
                data.Add(operation, [1, 3], [2, 1]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Gradients_of_stretched_operands_are_summed(string operation, long[] a, long[] b) => OperatorCheck.Run(operation, [Arg.Of(a), Arg.Of(b)]);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Also_where_only_the_run_tells_what_was_stretched(string operation, long[] a, long[] b)
    {
        var (model, fed, _) = OperatorCheck.Network(operation, [Arg.Of(a), Arg.Of(b)]);
        var second = model.Graph.Initializer.Single();
        fed.Add("in1", TensorData.Read(second, model));
        model.Graph.Initializer.Clear();
        model.Graph.Input.Clear();
        foreach (string name in fed.Keys)
        {
            // Of a rank that is not stated.
            model.Graph.Input.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32 } } });
        }

        GradientCheck.Check(model, fed, new GradientRequest { Outputs = ["out0"], Values = ["in0", "in1"] });
    }

    [Theory]
    [InlineData("Sum")]
    [InlineData("Max")]
    [InlineData("Min")]
    [InlineData("Mean")]
    public void Operators_take_many_operands(string operation)
    {
        OperatorCheck.Run(operation, [Arg.Of(2, 3), Arg.Of(3), Arg.Of(2, 1), Arg.Of(1, 1)]);
        OperatorCheck.Run(operation, [Arg.Of(2, 3)]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(0.5)]
    [InlineData(-1.5)]
    public void Powers_have_slopes(double exponent) => OperatorCheck.Run("Pow", [Arg.Positive(2, 3), Arg.Number(exponent)]);

    [Fact]
    public void Powers_of_negative_numbers_and_integer_exponents_have_slopes()
    {
        OperatorCheck.Run("Pow", [Arg.Of(2, 3), Arg.Ints(2)]);
        OperatorCheck.Run("Pow", [Arg.Of(2, 3), Arg.Indices([], 3)]);
        OperatorCheck.Run("Pow", [Arg.Positive(2, 3), Arg.Of(4, 1, 3)]);
    }

    [Fact]
    public void A_value_used_twice_takes_both_gradients()
    {
        var (model, fed, _) = OperatorCheck.Network("Mul", [Arg.Of(2, 3), Arg.Of(2, 3)]);
        model.Graph.Node[0].Input[1] = "in0";

        GradientCheck.Check(model, fed, new GradientRequest { Outputs = ["out0"], Values = ["in0"] });
    }

    [Fact]
    public void Where_lets_each_element_through_to_its_source()
    {
        OperatorCheck.Run("Where", [Arg.Bools([2, 1, 3], 1, 0, 0, 0, 1, 1), Arg.Of(4, 3), Arg.Of(2, 1, 1)]);
        OperatorCheck.Run("Where", [Arg.Bools([3], 1, 0, 1), Arg.Of(3), Arg.Of(2, 3)]);
    }
}
